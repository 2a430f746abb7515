// Shows the zones of the caller's region.

import type { DescribeAvailabilityZonesRequest, DescribeAvailabilityZonesResult } from '@aws-sdk/client-ec2'
import { filtered } from '#aws/filters.ts'
import type { Operation } from '#aws/operation.ts'
import { invalidParameter } from '../errors.ts'
import { describeZone, zoneFilters, zoneNames } from '../model/zone.ts'

export const describeAvailabilityZones: Operation<
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult
> = async (input, call) => {
  const { region } = call.scope
  const zones = zoneNames(region).map((zone) => describeZone(zone, region))
  const unknown =
    input.ZoneNames?.find((name) => !zones.some((zone) => zone.ZoneName === name)) ??
    input.ZoneIds?.find((id) => !zones.some((zone) => zone.ZoneId === id))
  if (unknown !== undefined) throw invalidParameter(`Invalid availability zone: [${unknown}]`)
  const wanted = zones.filter(
    (zone) =>
      (input.ZoneNames?.includes(zone.ZoneName ?? '') ?? true) && (input.ZoneIds?.includes(zone.ZoneId ?? '') ?? true),
  )
  return { AvailabilityZones: filtered(wanted, input.Filters, zoneFilters) }
}
