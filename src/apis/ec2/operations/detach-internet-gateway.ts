// Detaches an internet gateway from a VPC in which nothing has a public address.

import type { DetachInternetGatewayRequest } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { dependencyViolation, ec2Error } from '../errors.ts'
import { detached } from '../model/internet-gateway.ts'
import { INTERNET_GATEWAY, VPC } from '../model/resource-kind.ts'
import { existing, internetGateways, networkInterfaces, ofVpc, routeTables, vpcs } from '../tables.ts'

export const detachInternetGateway: Operation<DetachInternetGatewayRequest, {}> = async (input, call) => {
  const { scope } = call
  await call.store.write(async (tx) => {
    const gateway = await existing(tx, internetGateways, INTERNET_GATEWAY, scope, input.InternetGatewayId)
    const vpc = await existing(tx, vpcs, VPC, scope, input.VpcId)
    if (gateway.vpcId !== vpc.id) {
      throw ec2Error('Gateway.NotAttached', `resource ${gateway.id} is not attached to network ${vpc.id}`)
    }
    const interfaces = await ofVpc(tx, networkInterfaces, scope, vpc.id)
    if (interfaces.some((one) => one.spec.publicIp !== undefined)) {
      throw dependencyViolation(
        `Network ${vpc.id} has some mapped public address(es). ` +
          'Please unmap those public address(es) before detaching the gateway.',
      )
    }
    await tx.put(internetGateways, detached(gateway))
    for (const table of await ofVpc(tx, routeTables, scope, vpc.id)) {
      const associations = table.associations.filter(({ gatewayId }) => gatewayId !== gateway.id)
      if (associations.length < table.associations.length) await tx.put(routeTables, { ...table, associations })
    }
  })
  return {}
}
