// DHCP options as they are looked for: the default ones are there even if nobody has ever stored them.

import type { Scope } from '#aws/scope.ts'
import type { Reader } from '#store/store.ts'
import { defaultDhcpOptions, defaultDhcpOptionsId } from './model/dhcp-options.ts'
import type { DhcpOptionsRecord } from './model/records.ts'
import { DHCP_OPTIONS } from './model/resource-kind.ts'
import { dhcpOptions, existing, inScope } from './tables.ts'

export const dhcpOptionsInScope = async (reader: Reader, scope: Scope): Promise<DhcpOptionsRecord[]> => {
  const stored = await inScope(reader, dhcpOptions, scope)
  return stored.some(({ isDefault }) => isDefault) ? stored : [defaultDhcpOptions(scope), ...stored]
}

export const existingDhcpOptions = async (reader: Reader, scope: Scope, id: string): Promise<DhcpOptionsRecord> => {
  if (id !== defaultDhcpOptionsId(scope)) return existing(reader, dhcpOptions, DHCP_OPTIONS, scope, id)
  const all = await dhcpOptionsInScope(reader, scope)
  return all.find(({ isDefault }) => isDefault) ?? defaultDhcpOptions(scope)
}
