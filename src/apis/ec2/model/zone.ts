// Regions and their availability zones: the names AWS uses, and any other name that is well formed.

import type { AvailabilityZone, Region } from '@aws-sdk/client-ec2'
import { dnsSuffix, type Scope } from '#aws/scope.ts'
import type { FilterTable } from '#aws/filters.ts'

/** Regions that every account has; the caller's own region is known whatever its name. */
export const REGIONS: readonly string[] = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]

/** As many as AWS's largest region has: what is written for any region finds its zones in every one. */
const ZONE_LETTERS = 'abcdef'

export const zoneNames = (region: string): string[] => ZONE_LETTERS.split('').map((letter) => region + letter)

const DIRECTIONS: Readonly<Record<string, string>> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  southeast: 'se',
  northwest: 'nw',
  southwest: 'sw',
}

/**
 * e.g. "euw1-az1" for "eu-west-1a". AWS shuffles letters and ids per account; here "a" is always the first.
 */
export const zoneId = (zone: string): string => {
  const region = zone.slice(0, -1)
  const number = zone.charCodeAt(zone.length - 1) - 'a'.charCodeAt(0) + 1
  const short = region.split('-').map((part) => DIRECTIONS[part] ?? (part === 'gov' ? 'g' : part))
  return `${short.join('')}-az${number}`
}

export const describeZone = (zone: string, region: string): AvailabilityZone => ({
  State: 'available',
  OptInStatus: 'opt-in-not-required',
  Messages: [],
  RegionName: region,
  ZoneName: zone,
  ZoneId: zoneId(zone),
  GroupName: `${region}-zg-1`,
  NetworkBorderGroup: region,
  ZoneType: 'availability-zone',
})

export const zoneFilters: FilterTable<AvailabilityZone> = {
  'group-long-name': (zone) => [zone.GroupLongName],
  'group-name': (zone) => [zone.GroupName],
  message: (zone) => (zone.Messages ?? []).map((message) => message.Message),
  'opt-in-status': (zone) => [zone.OptInStatus],
  'parent-zone-id': (zone) => [zone.ParentZoneId],
  'parent-zone-name': (zone) => [zone.ParentZoneName],
  'region-name': (zone) => [zone.RegionName],
  state: (zone) => [zone.State],
  'zone-id': (zone) => [zone.ZoneId],
  'zone-name': (zone) => [zone.ZoneName],
  'zone-type': (zone) => [zone.ZoneType],
}

export const describeRegion = (region: string, scope: Scope): Region => ({
  RegionName: region,
  Endpoint: `ec2.${region}.${dnsSuffix(scope)}`,
  OptInStatus: 'opt-in-not-required',
})

export const regionFilters: FilterTable<Region> = {
  endpoint: (region) => [region.Endpoint],
  'opt-in-status': (region) => [region.OptInStatus],
  'region-name': (region) => [region.RegionName],
}
