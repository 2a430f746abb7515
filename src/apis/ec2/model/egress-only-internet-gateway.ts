// An egress-only internet gateway: the way out for IPv6, and how EC2 shows it. Pure.

import type { EgressOnlyInternetGateway } from '@aws-sdk/client-ec2'
import type { EgressOnlyInternetGatewayRecord } from './records.ts'
import { EGRESS_ONLY_INTERNET_GATEWAY } from './resource-kind.ts'
import type { Selectable } from './selection.ts'

export const describeEgressOnlyInternetGateway = (
  gateway: EgressOnlyInternetGatewayRecord,
): EgressOnlyInternetGateway => ({
  EgressOnlyInternetGatewayId: gateway.id,
  Attachments: [{ VpcId: gateway.vpcId, State: 'attached' }],
  Tags: [...gateway.tags],
})

export const selectableEgressOnlyInternetGateway: Selectable<EgressOnlyInternetGateway> = {
  kind: EGRESS_ONLY_INTERNET_GATEWAY,
  idOf: (gateway) => gateway.EgressOnlyInternetGatewayId ?? '',
  tagsOf: (gateway) => gateway.Tags ?? [],
  // AWS documents only tag filters here.
  filters: {},
}
