// Blocks of addresses, read strictly.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gatewayOf, resolverOf } from './addresses.ts'
import { address, block, cidrOf, contains, covers, dotted, merged, overlaps } from './ipv4.ts'

describe('blocks', () => {
  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '010.0.0.0/8',
    '10.0.0.256/8',
    '10.0.0.0/8/8',
    ' 10.0.0.0/8',
    'fd00::/8',
    '',
  ])('refuses %j', (text) => {
    expect(() => block(text)).toThrow(expect.objectContaining({ kind: 'invalid' }))
  })

  it('clears what is right of the prefix, as AWS does', () => {
    expect(cidrOf(block('10.1.2.3/8'))).toBe('10.0.0.0/8')
    expect(cidrOf(block('255.255.255.255/0'))).toBe('0.0.0.0/0')
    expect(cidrOf(block('128.0.0.1/32'))).toBe('128.0.0.1/32')
  })

  it('keep any address', () => {
    const anyAddress = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    expect(() => fc.assert(fc.property(anyAddress, (value) => address(dotted(value)) === value))).not.toThrow()
  })

  it('either nest or are apart', () => {
    expect(covers(block('10.0.0.0/8'), block('10.1.0.0/16'))).toBe(true)
    expect(overlaps(block('10.1.0.0/16'), block('10.0.0.0/8'))).toBe(true)
    expect(overlaps(block('10.0.0.0/9'), block('10.128.0.0/9'))).toBe(false)
    expect(contains(block('0.0.0.0/0'), address('255.255.255.255'))).toBe(true)
    expect(merged(['10.1.0.0/16', '9.0.0.0/8', '10.0.0.0/8', '10.0.0.0/8'].map(block)).map(cidrOf)).toEqual([
      '9.0.0.0/8',
      '10.0.0.0/8',
    ])
  })

  it('have their router first and their resolver second', () => {
    expect(gatewayOf({ cidr: '172.31.16.0/20' })).toBe('172.31.16.1')
    expect(resolverOf({ cidrs: ['172.31.0.0/16', '10.0.0.0/16'] })).toBe('172.31.0.2')
  })
})
