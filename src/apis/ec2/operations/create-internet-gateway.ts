// Makes an internet gateway that is attached to nothing.

import type { CreateInternetGatewayRequest, CreateInternetGatewayResult } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { describeInternetGateway } from '../model/internet-gateway.ts'
import { INTERNET_GATEWAYS_PER_REGION } from '../model/limits.ts'
import { INTERNET_GATEWAY } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { inScope, internetGateways } from '../tables.ts'

export const createInternetGateway: Operation<CreateInternetGatewayRequest, CreateInternetGatewayResult> = async (
  input,
  call,
) => {
  const { scope } = call
  const tags = requestedTags(input.TagSpecifications, INTERNET_GATEWAY)
  const gateway = { id: newEc2Id(INTERNET_GATEWAY.prefix, call.random), scope, tags }
  await call.store.write(async (tx) => {
    if ((await inScope(tx, internetGateways, scope)).length >= INTERNET_GATEWAYS_PER_REGION) {
      throw ec2Error('InternetGatewayLimitExceeded', 'The maximum number of internet gateways has been reached.')
    }
    await tx.put(internetGateways, gateway)
  })
  return { InternetGateway: describeInternetGateway(gateway) }
}
