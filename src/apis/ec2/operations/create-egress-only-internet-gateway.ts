// Makes an egress-only internet gateway in a VPC.

import type { CreateEgressOnlyInternetGatewayRequest, CreateEgressOnlyInternetGatewayResult } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { madeBefore } from '../model/client-token.ts'
import { describeEgressOnlyInternetGateway } from '../model/egress-only-internet-gateway.ts'
import { EGRESS_ONLY_INTERNET_GATEWAYS_PER_REGION } from '../model/limits.ts'
import { EGRESS_ONLY_INTERNET_GATEWAY, VPC } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { egressOnlyInternetGateways, existing, inScope, vpcs } from '../tables.ts'

export const createEgressOnlyInternetGateway: Operation<
  CreateEgressOnlyInternetGatewayRequest,
  CreateEgressOnlyInternetGatewayResult
> = async (input, call) => {
  const { scope } = call
  const token = input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }
  const tags = requestedTags(input.TagSpecifications, EGRESS_ONLY_INTERNET_GATEWAY)
  const gateway = await call.store.write(async (tx) => {
    const rows = await inScope(tx, egressOnlyInternetGateways, scope)
    const earlier = madeBefore(rows, input.ClientToken, (row) => row.vpcId === input.VpcId)
    if (earlier !== undefined) return earlier
    const vpc = await existing(tx, vpcs, VPC, scope, input.VpcId)
    if (rows.length >= EGRESS_ONLY_INTERNET_GATEWAYS_PER_REGION) {
      const message = 'The maximum number of egress-only internet gateways has been reached.'
      throw ec2Error('EgressOnlyInternetGatewayLimitExceeded', message)
    }
    const id = newEc2Id(EGRESS_ONLY_INTERNET_GATEWAY.prefix, call.random)
    const made = { id, scope, vpcId: vpc.id, ...token, tags }
    await tx.put(egressOnlyInternetGateways, made)
    return made
  })
  return {
    ...(input.ClientToken === undefined ? {} : { ClientToken: input.ClientToken }),
    EgressOnlyInternetGateway: describeEgressOnlyInternetGateway(gateway),
  }
}
