// An elastic IP address: how it is held and let go, and how EC2 shows it. Pure.

import type { Address } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Random } from '#base/random.ts'
import type { AddressRecord, NetworkInterfaceRecord } from './records.ts'
import { ADDRESS } from './resource-kind.ts'
import type { Selectable } from './selection.ts'

/** The only pool there is: AWS's own. */
export const PUBLIC_POOL = 'amazon'

const ASSOCIATION_PREFIX = 'eipassoc'

/** Bound to an address of an interface; anything it was bound to before is forgotten. */
export const associatedAddress = (
  address: AddressRecord,
  to: { readonly networkInterface: NetworkInterfaceRecord; readonly privateIp: string; readonly natGatewayId?: string },
  random: Random,
): AddressRecord => ({
  ...freed(address),
  associationId: newEc2Id(ASSOCIATION_PREFIX, random),
  networkInterfaceId: to.networkInterface.id,
  privateIp: to.privateIp,
  ...(to.natGatewayId === undefined ? {} : { natGatewayId: to.natGatewayId }),
})

/** Bound to nothing. */
export const freed = ({ id, scope, publicIp, tags }: AddressRecord): AddressRecord => ({ id, scope, publicIp, tags })

export const describeAddress = (address: AddressRecord): Address => ({
  AllocationId: address.id,
  PublicIp: address.publicIp,
  Domain: 'vpc',
  PublicIpv4Pool: PUBLIC_POOL,
  NetworkBorderGroup: address.scope.region,
  ...(address.associationId === undefined
    ? {}
    : {
        AssociationId: address.associationId,
        NetworkInterfaceId: address.networkInterfaceId,
        NetworkInterfaceOwnerId: address.scope.account,
        PrivateIpAddress: address.privateIp,
      }),
  Tags: [...address.tags],
})

export const selectableAddress: Selectable<Address> = {
  kind: ADDRESS,
  idOf: (address) => address.AllocationId ?? '',
  tagsOf: (address) => address.Tags ?? [],
  filters: {
    'allocation-id': (address) => [address.AllocationId],
    'association-id': (address) => [address.AssociationId],
    domain: (address) => [address.Domain],
    'instance-id': (address) => [address.InstanceId],
    'network-border-group': (address) => [address.NetworkBorderGroup],
    'network-interface-id': (address) => [address.NetworkInterfaceId],
    'network-interface-owner-id': (address) => [address.NetworkInterfaceOwnerId],
    'private-ip-address': (address) => [address.PrivateIpAddress],
    'public-ip': (address) => [address.PublicIp],
  },
}
