// A NAT gateway, and how EC2 shows it. Pure.

import type { NatGateway } from '@aws-sdk/client-ec2'
import { recordedTime } from '#aws/time.ts'
import { GONE_NAT_GATEWAY_SHOWN_SECONDS } from './limits.ts'
import type { NatGatewayRecord } from './records.ts'
import { NAT_GATEWAY } from './resource-kind.ts'
import type { Selectable } from './selection.ts'

/** The part of AWS that owns the interfaces of NAT gateways, as they name it. */
export const NAT_REQUESTER = '036872051663'

export const isGone = (gateway: NatGatewayRecord): boolean => gateway.state === 'deleted' || gateway.state === 'failed'

/** True for a gateway that AWS would still show. */
export const isShown = (gateway: NatGatewayRecord, now: Date): boolean =>
  gateway.deletedAt === undefined ||
  now.getTime() - recordedTime(gateway.deletedAt).getTime() < GONE_NAT_GATEWAY_SHOWN_SECONDS * 1000

/** Why AWS makes a gateway and lets it fail (vpc-nat-gateway troubleshooting in the VPC user guide). */
export type Failure = Pick<NatGatewayRecord, 'failureCode' | 'failureMessage'>

export const failedGateway = (gateway: NatGatewayRecord, failure: Failure): NatGatewayRecord => ({
  ...gateway,
  ...failure,
  state: 'failed',
  deletedAt: gateway.createdAt,
})

export const deletedGateway = (gateway: NatGatewayRecord, now: Date): NatGatewayRecord => ({
  ...gateway,
  state: 'deleted',
  deletedAt: now.toISOString(),
})

export const describeNatGateway = (gateway: NatGatewayRecord): NatGateway => ({
  NatGatewayId: gateway.id,
  VpcId: gateway.vpcId,
  SubnetId: gateway.subnetId,
  ConnectivityType: gateway.connectivityType,
  AvailabilityMode: 'zonal',
  State: gateway.state,
  CreateTime: recordedTime(gateway.createdAt),
  ...(gateway.deletedAt === undefined ? {} : { DeleteTime: recordedTime(gateway.deletedAt) }),
  ...(gateway.failureCode === undefined ? {} : { FailureCode: gateway.failureCode }),
  ...(gateway.failureMessage === undefined ? {} : { FailureMessage: gateway.failureMessage }),
  NatGatewayAddresses: [
    {
      ...(gateway.allocationId === undefined ? {} : { AllocationId: gateway.allocationId }),
      ...(gateway.associationId === undefined ? {} : { AssociationId: gateway.associationId }),
      ...(gateway.networkInterfaceId === undefined ? {} : { NetworkInterfaceId: gateway.networkInterfaceId }),
      ...(gateway.privateIp === undefined ? {} : { PrivateIp: gateway.privateIp }),
      ...(gateway.publicIp === undefined ? {} : { PublicIp: gateway.publicIp }),
      IsPrimary: true,
      Status: gateway.state === 'failed' ? 'failed' : 'succeeded',
    },
  ],
  Tags: [...gateway.tags],
})

export const selectableNatGateway: Selectable<NatGateway> = {
  kind: NAT_GATEWAY,
  idOf: (gateway) => gateway.NatGatewayId ?? '',
  tagsOf: (gateway) => gateway.Tags ?? [],
  filters: {
    'nat-gateway-id': (gateway) => [gateway.NatGatewayId],
    state: (gateway) => [gateway.State],
    'subnet-id': (gateway) => [gateway.SubnetId],
    'vpc-id': (gateway) => [gateway.VpcId],
  },
}
