// Attaches an internet gateway to a VPC.

import type { AttachInternetGatewayRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error, invalidParameter } from '../errors.ts'
import { INTERNET_GATEWAY, VPC } from '../model/resource-kind.ts'
import { existing, internetGateways, ofVpc, vpcs } from '../tables.ts'

export const attachInternetGateway: Operation<AttachInternetGatewayRequest, {}> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const gateway = await existing(tx, internetGateways, INTERNET_GATEWAY, scope, input.InternetGatewayId)
    const vpc = await existing(tx, vpcs, VPC, scope, input.VpcId)
    if (gateway.vpcId !== undefined) {
      const message = `resource ${gateway.id} is already attached to network ${gateway.vpcId}`
      throw ec2Error('Resource.AlreadyAssociated', message)
    }
    if ((await ofVpc(tx, internetGateways, scope, vpc.id)).length > 0) {
      throw invalidParameter(`Network ${vpc.id} already has an internet gateway attached`)
    }
    await tx.put(internetGateways, { ...gateway, vpcId: vpc.id })
  })
  return {}
}
