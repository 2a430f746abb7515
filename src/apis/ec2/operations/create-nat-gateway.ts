// Makes a NAT gateway with an interface of its own. What AWS finds out only while it makes one shows as its failure.

import type { CreateNatGatewayRequest, CreateNatGatewayResult } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Call, Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { addedInterface } from '../address-only-interfaces.ts'
import { bound } from '../elastic-address-tables.ts'
import { ec2Error, invalidCombination, missingParameter } from '../errors.ts'
import { madeBefore } from '../model/client-token.ts'
import { isRefused } from '../model/interface-plan.ts'
import { NAT_GATEWAYS_PER_ZONE } from '../model/limits.ts'
import { describeNatGateway, failedGateway, isGone, isShown, NAT_REQUESTER } from '../model/nat-gateway.ts'
import type { AddressRecord, NatGatewayRecord, SubnetRecord } from '../model/records.ts'
import { ADDRESS, NAT_GATEWAY, SUBNET } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { addresses, ec2Key, existing, inScope, internetGateways, natGateways, ofVpc, subnets } from '../tables.ts'

type Request = Partial<CreateNatGatewayRequest>

const UNSUPPORTED = [
  'SecondaryAllocationIds',
  'SecondaryPrivateIpAddresses',
  'SecondaryPrivateIpAddressCount',
  'AvailabilityZoneAddresses',
] as const

const checkRequest = (input: Request): NatGatewayRecord['connectivityType'] => {
  const unsupported = UNSUPPORTED.find((name) => input[name] !== undefined)
  if (unsupported !== undefined) throw ec2Error('UnsupportedOperation', `${unsupported} is not supported.`)
  if (input.AvailabilityMode === 'regional') {
    throw ec2Error('UnsupportedOperation', 'Regional NAT gateways are not supported.')
  }
  if (input.SubnetId === undefined) throw missingParameter('subnetId')
  const connectivityType = input.ConnectivityType ?? 'public'
  if (connectivityType === 'public' && input.AllocationId === undefined) {
    throw ec2Error(
      'MissingParameter',
      'The request must include the AllocationId parameter. Add the required parameter and retry the request.',
    )
  }
  if (connectivityType === 'private' && input.AllocationId !== undefined) {
    throw invalidCombination('The parameter AllocationId may not be used with ConnectivityType private')
  }
  return connectivityType
}

/** Deleted gateways that nobody is shown any more are forgotten when others are made. */
const forgetGone = async (tx: Transaction, call: Call, rows: readonly NatGatewayRecord[]): Promise<void> => {
  const now = call.clock.now()
  for (const row of rows) if (!isShown(row, now)) await tx.delete(natGateways, ec2Key(row.scope, row.id))
}

const checkQuota = async (
  tx: Transaction,
  call: Call,
  subnet: SubnetRecord,
  rows: readonly NatGatewayRecord[],
): Promise<void> => {
  const inZone = new Set(
    (await inScope(tx, subnets, call.scope))
      .filter((each) => each.availabilityZone === subnet.availabilityZone)
      .map(({ id }) => id),
  )
  const count = rows.filter((row) => !isGone(row) && inZone.has(row.subnetId)).length
  if (count < NAT_GATEWAYS_PER_ZONE) return
  const message = `The maximum number of NAT gateways has been reached for ${subnet.availabilityZone}.`
  throw ec2Error('NatGatewayLimitExceeded', message)
}

/** The gateway, recorded, with what belongs to it. */
const make = async (
  tx: Transaction,
  call: Call,
  wished: NatGatewayRecord,
  subnet: SubnetRecord,
  address: AddressRecord | undefined,
  privateIp: string | undefined,
): Promise<NatGatewayRecord> => {
  const { scope, random } = call
  const isPublic = wished.connectivityType === 'public'
  if (isPublic && (await ofVpc(tx, internetGateways, scope, subnet.vpcId)).length === 0) {
    const failureMessage = `Network ${subnet.vpcId} has no Internet gateway attached`
    return failedGateway(wished, { failureCode: 'Gateway.NotAttached', failureMessage })
  }
  if (address?.associationId !== undefined) {
    const failureMessage = `Elastic IP address ${address.id} is already associated`
    return failedGateway(wished, { failureCode: 'Resource.AlreadyAssociated', failureMessage })
  }
  const made = await addedInterface(tx, {
    scope,
    subnet,
    privateIp,
    securityGroupIds: [],
    description: `Interface for NAT Gateway ${wished.id}`,
    extra: { interfaceType: 'nat_gateway', ownerArn: wished.id, requesterId: NAT_REQUESTER, sourceDestCheck: false },
    isInUse: true,
    now: call.clock.now(),
    random,
  })
  if (isRefused(made)) {
    const failureMessage = 'Subnet has insufficient free addresses to create this NAT gateway'
    return failedGateway(wished, { failureCode: made.refused, failureMessage })
  }
  const gateway = { ...wished, networkInterfaceId: made.id, privateIp: made.spec.privateIp }
  if (address === undefined) return gateway
  const to = { networkInterface: made, privateIp: made.spec.privateIp, natGatewayId: gateway.id }
  const { associationId, publicIp } = await bound(tx, address, to, random)
  return { ...gateway, publicIp, ...(associationId === undefined ? {} : { associationId }) }
}

export const createNatGateway: Operation<CreateNatGatewayRequest, CreateNatGatewayResult> = async (input, call) => {
  const { scope } = call
  const { AllocationId, ClientToken } = input
  const connectivityType = checkRequest(input)
  const tags = requestedTags(input.TagSpecifications, NAT_GATEWAY)
  const gateway = await call.store.write(async (tx) => {
    const rows = await inScope(tx, natGateways, scope)
    const earlier = madeBefore(
      rows,
      ClientToken,
      (row) => row.subnetId === input.SubnetId && row.allocationId === AllocationId,
    )
    if (earlier !== undefined) return earlier
    const subnet = await existing(tx, subnets, SUBNET, scope, input.SubnetId ?? '')
    const address = AllocationId === undefined ? undefined : await existing(tx, addresses, ADDRESS, scope, AllocationId)
    await forgetGone(tx, call, rows)
    await checkQuota(tx, call, subnet, rows)
    const wished: NatGatewayRecord = {
      id: newEc2Id(NAT_GATEWAY.prefix, call.random),
      scope,
      vpcId: subnet.vpcId,
      subnetId: subnet.id,
      connectivityType,
      ...(AllocationId === undefined ? {} : { allocationId: AllocationId }),
      state: 'available',
      createdAt: call.clock.now().toISOString(),
      ...(ClientToken === undefined ? {} : { clientToken: ClientToken }),
      tags,
    }
    const made = await make(tx, call, wished, subnet, address, input.PrivateIpAddress)
    await tx.put(natGateways, made)
    return made
  })
  const { FailureCode: _code, FailureMessage: _message, DeleteTime: _time, ...shown } = describeNatGateway(gateway)
  return {
    ...(ClientToken === undefined ? {} : { ClientToken }),
    // EC2 answers before it knows how it goes, and clients wait for it.
    NatGateway: { ...shown, State: 'pending' },
  }
}
