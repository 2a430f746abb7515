// Shows sets of DHCP options.

import type { DescribeDhcpOptionsRequest, DescribeDhcpOptionsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { dhcpOptionsInScope } from '../dhcp-options-sets.ts'
import { describeDhcpOptions as described, selectableDhcpOptions } from '../model/dhcp-options.ts'
import { selection } from '../model/selection.ts'

export const describeDhcpOptions: Operation<DescribeDhcpOptionsRequest, DescribeDhcpOptionsResult> = async (
  input,
  call,
) => {
  const rows = await call.store.read((reader) => dhcpOptionsInScope(reader, call.scope))
  const request = { ...input, ids: input.DhcpOptionsIds }
  const { items, ...rest } = selection(rows.map(described), request, selectableDhcpOptions)
  return { DhcpOptions: items, ...rest }
}
