// Shows the regions: those that every AWS account has, and the one the caller is in.

import type { DescribeRegionsRequest, DescribeRegionsResult } from '@aws-sdk/client-ec2'
import { filtered } from '#aws/filters.ts'
import type { Operation } from '#aws/operation.ts'
import { invalidParameter } from '../errors.ts'
import { describeRegion, regionFilters, REGIONS } from '../model/zone.ts'

export const describeRegions: Operation<DescribeRegionsRequest, DescribeRegionsResult> = async (input, call) => {
  const names = [...new Set([...REGIONS, call.scope.region])].toSorted()
  const unknown = input.RegionNames?.find((name) => !names.includes(name))
  if (unknown !== undefined) throw invalidParameter(`Invalid region: [${unknown}]`)
  const wanted = names.filter((name) => input.RegionNames?.includes(name) ?? true)
  return {
    Regions: filtered(
      wanted.map((name) => describeRegion(name, call.scope)),
      input.Filters,
      regionFilters,
    ),
  }
}
