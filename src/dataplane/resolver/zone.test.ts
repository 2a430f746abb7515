// What a VPC's resolver says of names that are its own.

import { describe, expect, it } from 'vitest'
import { readName, TYPE } from './message.ts'
import { ownAnswer, type Zone } from './zone.ts'

const zone: Zone = {
  region: 'eu-west-1',
  cidrs: ['10.0.0.0/16', '100.64.0.0/24'],
  apiAddress: '169.254.170.4',
  privateZones: ['svc.local'],
  records: {
    'db.svc.local': ['10.0.1.5', '10.0.2.5'],
    'both.svc.local': ['10.0.1.6', '2001:db8::1'],
    '*.dkr.ecr.eu-west-1.amazonaws.com': ['10.0.1.7'],
  },
}

const told = (name: string, type: keyof typeof TYPE = 'A', at = zone): string => {
  const response = ownAnswer({ name, type: TYPE[type], class: 1 }, at)
  if (response === undefined) return 'forward'
  if (response.code !== 0) return `code ${response.code}`
  const shown = response.answers.map(({ type: kind, data }) =>
    kind === TYPE.PTR ? readName(data, 0)?.name : [...data].join('.'),
  )
  return shown.join(' ') || 'nothing'
}

describe('own names', () => {
  it.each([
    ['ip-10-0-1-23.eu-west-1.compute.internal', 'A', '10.0.1.23'],
    ['ip-10-0-1-23.eu-west-1.compute.internal', 'AAAA', 'nothing'],
    ['ip-100-64-0-9.eu-west-1.compute.internal', 'A', '100.64.0.9'],
    ['ip-10-1-0-1.eu-west-1.compute.internal', 'A', 'code 3'],
    ['ip-10-0-1-999.eu-west-1.compute.internal', 'A', 'code 3'],
    ['ip-10-0-1-23.us-west-2.compute.internal', 'A', 'forward'],
    ['other.eu-west-1.compute.internal', 'A', 'code 3'],
    ['23.1.0.10.in-addr.arpa', 'PTR', 'ip-10-0-1-23.eu-west-1.compute.internal'],
    ['23.1.0.10.in-addr.arpa', 'A', 'nothing'],
    ['23.1.9.10.in-addr.arpa', 'PTR', 'code 3'],
    ['9.1.168.192.in-addr.arpa', 'PTR', 'code 3'],
    ['9.1.20.172.in-addr.arpa', 'PTR', 'code 3'],
    ['8.8.8.8.in-addr.arpa', 'PTR', 'forward'],
    ['aws.neargate.internal', 'A', '169.254.170.4'],
    ['data-aws.neargate.internal', 'A', '169.254.170.4'],
    ['bucket.s3.aws.neargate.internal', 'A', '169.254.170.4'],
    ['other.neargate.internal', 'A', 'code 3'],
    ['db.svc.local', 'A', '10.0.1.5 10.0.2.5'],
    ['db.svc.local', 'AAAA', 'nothing'],
    ['both.svc.local', 'A', '10.0.1.6'],
    ['both.svc.local', 'AAAA', '32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1'],
    ['gone.svc.local', 'A', 'code 3'],
    ['1234.dkr.ecr.eu-west-1.amazonaws.com', 'A', '10.0.1.7'],
    ['1234.dkr.ecr.eu-west-1.amazonaws.com', 'AAAA', 'nothing'],
    ['dkr.ecr.eu-west-1.amazonaws.com', 'A', 'forward'],
    ['example.com', 'A', 'forward'],
    ['constructor', 'A', 'forward'],
  ] as const)('%s %s: %s', (name, type, desired) => {
    expect(told(name, type)).toBe(desired)
  })

  it('knows the first region by its own domain', () => {
    const first = { ...zone, region: 'us-east-1' }
    expect(told('ip-10-0-1-23.ec2.internal', 'A', first)).toBe('10.0.1.23')
    expect(told('23.1.0.10.in-addr.arpa', 'PTR', first)).toBe('ip-10-0-1-23.ec2.internal')
  })

  it('tells how long a name stays unknown', () => {
    const response = ownAnswer({ name: 'gone.svc.local', type: TYPE.A, class: 1 }, zone)
    expect(response?.authorities).toMatchObject([{ name: 'svc.local', type: TYPE.SOA, ttlSeconds: 5 }])
  })
})
