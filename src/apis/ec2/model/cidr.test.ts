import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addressAt,
  addressText,
  cidrContains,
  cidrsOverlap,
  cidrText,
  knownCidr,
  parseAddress,
  parseCidr,
  sizeOfCidr,
} from './cidr.ts'

test.each([
  ['10.0.0.0/16', '10.0.0.0/16'],
  ['100.68.0.18/18', '100.68.0.0/18'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['255.255.255.255/32', '255.255.255.255/32'],
  ['2001:DB8:0:0:0:0:0:0/56', '2001:db8::/56'],
  ['::/0', '::/0'],
  ['::ffff:10.0.0.1/128', '::ffff:a00:1/128'],
  ['2001:db8:0:0:1:0:0:1/128', '2001:db8::1:0:0:1/128'],
])('%s is read as %s', (text, canonical) => {
  expect(cidrText(knownCidr(text))).toBe(canonical)
})

test.each([
  '',
  '10.0.0.0',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/1.5',
  '10.0.0.0/08',
  '10.0.0/8',
  '10.0.0.256/8',
  '010.0.0.0/8',
  '10.0.0.0/8/8',
  ' 10.0.0.0/8',
  '0x0a.0.0.0/8',
  '1e1.0.0.0/8',
  '::/129',
  ':::/0',
  '1::2::3/64',
  '1:2:3:4:5:6:7/64',
  '1:2:3:4:5:6:7:8:9/64',
  '1:2:3:4:5:6:7::8/64x',
  'g::/64',
  '10.0.0.0::/64',
  '٣.0.0.0/8',
  `${'0'.repeat(99)}/8`,
])('%j is no address block', (text) => {
  expect(parseCidr(text)).toBeUndefined()
})

test('an address survives being written and read, in both families', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (value) => {
      expect(parseAddress(addressText(6, value))).toEqual({ family: 6, value })
      const short = value % 2n ** 32n
      expect(parseAddress(addressText(4, short))).toEqual({ family: 4, value: short })
    }),
  )
})

test('any text is refused or read to the end, and never makes the readers throw', () => {
  const hostile = fc.array(fc.constantFrom(':', '.', '/', '0', '1', 'f', '::', '255', ' '), { maxLength: 20 })
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        hostile.map((parts) => parts.join('')),
      ),
      (text) => {
        const cidr = parseCidr(text)
        expect(cidr === undefined ? undefined : parseCidr(cidrText(cidr))).toEqual(cidr)
      },
    ),
  )
})

test('blocks overlap exactly when they share an address', () => {
  const block = fc.record({ value: fc.nat(255), prefix: fc.integer({ min: 24, max: 32 }) })
  fc.assert(
    fc.property(block, block, (one, two) => {
      const [a, b] = [knownCidr(`10.0.0.${one.value}/${one.prefix}`), knownCidr(`10.0.0.${two.value}/${two.prefix}`)]
      const inA = new Set(Array.from({ length: Number(sizeOfCidr(a)) }, (_, index) => addressAt(a, BigInt(index))))
      const inB = Array.from({ length: Number(sizeOfCidr(b)) }, (_, index) => addressAt(b, BigInt(index)))
      expect(cidrsOverlap(a, b)).toBe(inB.some((address) => inA.has(address)))
      expect(cidrContains(a, b)).toBe(inB.every((address) => inA.has(address)))
    }),
  )
})

test('families never mix', () => {
  expect(cidrContains(knownCidr('0.0.0.0/0'), knownCidr('::/0'))).toBe(false)
})
