// An internet gateway, and how EC2 shows it. Pure.

import type { InternetGateway } from '@aws-sdk/client-ec2'
import type { InternetGatewayRecord } from './records.ts'
import { INTERNET_GATEWAY } from './resource-kind.ts'
import type { Selectable } from './selection.ts'

export const describeInternetGateway = (gateway: InternetGatewayRecord): InternetGateway => ({
  InternetGatewayId: gateway.id,
  OwnerId: gateway.scope.account,
  // EC2 really says "available" here, not "attached".
  Attachments:
    gateway.vpcId === undefined ? [] : [{ VpcId: gateway.vpcId, State: 'available' as unknown as 'attached' }],
  Tags: [...gateway.tags],
})

/** The gateway on its own again. */
export const detached = (gateway: InternetGatewayRecord): InternetGatewayRecord => ({
  id: gateway.id,
  scope: gateway.scope,
  tags: gateway.tags,
})

export const selectableInternetGateway: Selectable<InternetGateway> = {
  kind: INTERNET_GATEWAY,
  idOf: (gateway) => gateway.InternetGatewayId ?? '',
  tagsOf: (gateway) => gateway.Tags ?? [],
  filters: {
    'attachment.state': (gateway) => gateway.Attachments?.map((attachment) => attachment.State) ?? [],
    'attachment.vpc-id': (gateway) => gateway.Attachments?.map((attachment) => attachment.VpcId) ?? [],
    'internet-gateway-id': (gateway) => [gateway.InternetGatewayId],
    'owner-id': (gateway) => [gateway.OwnerId],
  },
}
