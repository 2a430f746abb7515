// Makes a set of DHCP options that no VPC uses yet.

import type { CreateDhcpOptionsRequest, CreateDhcpOptionsResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ec2Error } from '../errors.ts'
import { describeDhcpOptions, newDhcpOptions } from '../model/dhcp-options.ts'
import { DHCP_OPTIONS_PER_REGION } from '../model/limits.ts'
import { DHCP_OPTIONS } from '../model/resource-kind.ts'
import { requestedTags } from '../model/tags.ts'
import { dhcpOptions, inScope } from '../tables.ts'

export const createDhcpOptions: Operation<CreateDhcpOptionsRequest, CreateDhcpOptionsResult> = async (input, call) => {
  const { scope, random } = call
  const tags = requestedTags(input.TagSpecifications, DHCP_OPTIONS)
  const row = newDhcpOptions({ scope, configurations: input.DhcpConfigurations, tags, random })
  await call.store.write(async (tx) => {
    const others = (await inScope(tx, dhcpOptions, scope)).filter(({ isDefault }) => !isDefault)
    // The default options count as well.
    if (others.length + 1 >= DHCP_OPTIONS_PER_REGION) {
      throw ec2Error('DhcpOptionsLimitExceeded', 'The maximum number of DHCP options has been reached.')
    }
    await tx.put(dhcpOptions, row)
  })
  return { DhcpOptions: describeDhcpOptions(row) }
}
