// What is written is read again, whatever the text; and the odd forms that clients send are understood.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromCbor, writeCbor } from './cbor-shape.ts'
import { CborTime, CborWriter, readCbor } from './cbor.ts'
import { DecodeProblem } from './decode-problem.ts'
import { jsonWriters } from './json-writer.ts'
import { parsedJson, readJson } from './json.ts'
import { parsedForm, formTree } from './query-form.ts'
import { readForm } from './query-reader.ts'
import { scalarFromText } from './scalar.ts'
import { apiModel, type Shape } from './shape.ts'
import { readXml } from './xml-reader.ts'
import { xmlMembers } from './xml-writer.ts'
import { parsedXml } from './xml.ts'

const model = apiModel(
  'made-up',
  { protocol: 'restJson1', signingName: 'x', target: 'X', version: '1', namespace: 'x', hostLabels: [] },
  {
    operations: { Do: { input: 'Thing', output: 'Thing' } },
    shapes: {
      Thing: {
        type: 'structure',
        members: {
          text: 'string',
          flag: 'boolean',
          whole: 'integer',
          big: 'long',
          real: 'double',
          at: 'timestamp',
          bytes: 'blob',
          texts: 'Texts',
          flat: ['Texts', { xmlFlattened: 1 }],
          map: 'Map',
          child: 'Thing',
          things: 'Things',
        },
      },
      Texts: { type: 'list', member: 'string' },
      Things: { type: 'list', member: ['Thing', { xmlName: 'item' }] },
      Map: { type: 'map', key: 'string', value: 'string' },
    },
  },
)
const thing: Shape = model.operation('Do')!.input

/** Any text that XML 1.0 can hold, astral characters included. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  // oxlint-disable-next-line no-control-regex -- these are the ones it cannot hold
  .filter((value) => value.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(value))
const things = fc.letrec((tie) => ({
  thing: fc.record(
    {
      text,
      flag: fc.boolean(),
      whole: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      big: fc.maxSafeInteger(),
      real: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
      at: fc.date({ min: new Date('1900-01-01'), max: new Date('2900-01-01'), noInvalidDate: true }),
      bytes: fc.uint8Array({ maxLength: 8 }).map((value) => Buffer.from(value)),
      texts: fc.array(text, { maxLength: 3 }),
      map: fc.dictionary(fc.constantFrom('a', '__proto__', 'constructor', 'é', '<&>'), text),
      child: fc.oneof({ maxDepth: 2, depthIdentifier: 'thing' }, fc.constant({ flag: true }), tie('thing')),
      things: fc.array(tie('thing'), { maxLength: 2, depthIdentifier: 'thing', size: 'xsmall' }),
    },
    { requiredKeys: [], noNullPrototype: true },
  ),
})).thing as fc.Arbitrary<Record<string, unknown>>

/** Nothing but a refusal comes out of `work`; anything else goes on. */
const refusesAtMost = (work: () => void): boolean => {
  try {
    work()
  } catch (error) {
    if (!(error instanceof DecodeProblem)) throw error
  }
  return true
}

/** Maps are read without a prototype; here only what is in them counts. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Date || typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Buffer.from(value)
  const copy = Object.create(null) as Record<string, unknown>
  for (const [key, one] of Object.entries(value)) copy[key] = plain(one)
  return copy
}

/** Throws with the smallest value that does not come back as it went. */
const survives = (there: (value: Record<string, unknown>) => unknown): boolean => {
  fc.assert(
    fc.property(things, (value) => {
      expect(plain(there(value))).toEqual(plain(value))
    }),
    { numRuns: 100, interruptAfterTimeLimit: 10_000 },
  )
  return true
}

describe('a value', () => {
  it('survives JSON', () => {
    const write = jsonWriters({ names: 'name', strict: true })(thing)
    const survived = survives((value) => readJson(thing, parsedJson(Buffer.from(write(value)), 100)))
    expect(survived).toBe(true)
  })

  it('survives CBOR', () => {
    const survived = survives((value) => {
      const writer = new CborWriter()
      writeCbor(writer, thing, value, true)
      return fromCbor(thing, readCbor(writer.finished(), 100))
    })
    expect(survived).toBe(true)
  })

  it('survives XML', () => {
    const survived = survives((value) => {
      const xml = `<Root>${xmlMembers(thing, value, { item: 'member', strict: true })}</Root>`
      return readXml(thing, parsedXml(xml, 100))
    })
    expect(survived).toBe(true)
  })

  it('survives a form', () => {
    const written = (value: Record<string, unknown>): string => {
      const pairs: string[] = []
      const put = (name: string, text: string): void =>
        void pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(text)}`)
      const walk = (name: string, one: unknown, shape: Shape): void => {
        const items = one as unknown[]
        if (shape.type === 'structure')
          for (const m of shape.members) {
            const found = (one as Record<string, unknown>)[m.name]
            if (found !== undefined) walk(name === '' ? m.name : `${name}.${m.name}`, found, m.shape)
          }
        else if (shape.type === 'list' && items.length === 0) put(name, '')
        else if (shape.type === 'list')
          items.forEach((item, at) =>
            walk(`${name}.${shape.element.xmlName ?? 'member'}.${(at + 1) * 3}`, item, shape.element.shape),
          )
        else if (shape.type === 'map')
          Object.entries(one as object).forEach(([key, item], at) => {
            put(`${name}.entry.${at + 1}.key`, key)
            put(`${name}.entry.${at + 1}.value`, String(item))
          })
        else if (one instanceof Date) put(name, one.toISOString())
        else put(name, one instanceof Uint8Array ? Buffer.from(one).toString('base64') : String(one))
      }
      walk('', value, thing)
      return pairs.join('&')
    }
    // A form cannot say "there is an empty structure" or "an empty map".
    const sayable = (value: unknown): boolean =>
      value === null ||
      typeof value !== 'object' ||
      value instanceof Date ||
      value instanceof Uint8Array ||
      (Array.isArray(value)
        ? value.every(sayable)
        : Object.keys(value).length > 0 && Object.values(value).every(sayable))
    fc.assert(
      fc.property(things.filter(sayable), (value) => {
        const form = parsedForm(written(value), { formPairs: 10_000 })
        expect(plain(readForm(thing, formTree(form, { depth: 100 }), 'query'))).toEqual(plain(value))
      }),
      { numRuns: 100, interruptAfterTimeLimit: 10_000 },
    )
  })
})

describe('JSON', () => {
  it('is written as JSON.stringify writes it', () => {
    const write = jsonWriters({ names: 'name', strict: true })(thing)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(write({ text: value })).toBe(JSON.stringify({ text: value }))
      }),
    )
    expect(
      write({ real: NaN, whole: 1, at: new Date(1500), texts: [undefined, 'a', null], map: { x: undefined } }),
    ).toBe('{"whole":1,"real":"NaN","at":1.5,"texts":["a"],"map":{}}')
  })

  it('refuses numbers that do not fit', () => {
    for (const body of [
      '{"whole":1.5}',
      '{"whole":2147483648}',
      '{"whole":"1"}',
      '{"at":1e300}',
      '{"bytes":"%"}',
      '{"flag":0}',
    ]) {
      expect(() => readJson(thing, parsedJson(Buffer.from(body), 10))).toThrow(DecodeProblem)
    }
  })
})

describe('CBOR', () => {
  // RFC 8949, appendix A.
  it.each<[string, unknown]>([
    ['00', 0],
    ['1864', 100],
    ['1a000f4240', 1_000_000],
    ['1bffffffffffffffff', 18446744073709551615n],
    ['20', -1],
    ['3903e7', -1000],
    ['f93c00', 1],
    ['f97bff', 65504],
    ['fa47c35000', 100_000],
    ['fb3ff199999999999a', 1.1],
    ['f4', false],
    ['f6', null],
    ['c11a514b67b0', new CborTime(1363896240)],
    ['6449455446', 'IETF'],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    [
      'bf61610161629f0203ffff',
      new Map<string, unknown>([
        ['a', 1],
        ['b', [2, 3]],
      ]),
    ],
  ])('reads %s', (hex, value) => {
    expect(readCbor(Buffer.from(hex, 'hex'), 10)).toEqual(value)
  })

  it('never fails but with a refusal, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(refusesAtMost(() => readCbor(Buffer.from(bytes), 10))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('writes doubles as doubles, even whole ones', () => {
    const writer = new CborWriter()
    writeCbor(writer, thing, { real: 1 }, true)
    expect(writer.finished().toString('hex')).toBe('a1647265616cfb3ff0000000000000')
  })
})

describe('XML', () => {
  it('understands entities, CDATA, comments, prefixes and attributes', () => {
    const xml = `<?xml version="1.0"?><!-- c --><n:Thing a="1" b='&lt;'><n:text>a&amp;&#x41;&#66;<![CDATA[<b>]]></n:text><flag>TRUE</flag></n:Thing>`
    const root = parsedXml(xml, 10)
    expect(root.attributes.get('b')).toBe('<')
    expect(readXml(thing, root)).toEqual({ text: 'a&AB<b>', flag: true })
  })

  it('never fails but with a refusal, whatever the text', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      '="',
      '"',
      '&',
      ';',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      ' ',
      '<a>',
      '</a>',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        expect(refusesAtMost(() => parsedXml(pieces.join(''), 10))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('text', () => {
  const shape = (type: Shape['type']): Shape => ({ ...thing.byName.get('text')!.shape, type })
  it.each<[Shape['type'], string, unknown]>([
    ['boolean', 'True', true],
    ['integer', '-5', -5],
    ['double', '1e3', 1000],
    ['double', '-Infinity', -Infinity],
    ['timestamp', '2026-01-02T03:04:05Z', new Date('2026-01-02T03:04:05Z')],
    ['timestamp', '2026-01-02T03:04:05+01:00', new Date('2026-01-02T02:04:05Z')],
    ['timestamp', '2026-01-02T03:04:05', new Date('2026-01-02T03:04:05Z')],
    ['timestamp', '1767323045.5', new Date('2026-01-02T03:04:05.500Z')],
    ['timestamp', 'Fri, 02 Jan 2026 03:04:05 GMT', new Date('2026-01-02T03:04:05Z')],
  ])('as %s: %s', (type, given, value) => {
    expect(scalarFromText(shape(type), given, '')).toEqual(value)
  })

  it.each<[Shape['type'], string]>([
    ['boolean', 'yes'],
    ['boolean', ''],
    ['integer', '1e3'],
    ['integer', '0x10'],
    ['integer', ''],
    ['integer', '99999999999'],
    ['double', '0x10'],
    ['timestamp', 'yesterday'],
    ['timestamp', '2026-13-45T00:00:00Z'],
  ])('is no %s: %s', (type, given) => {
    expect(() => scalarFromText(shape(type), given, '')).toThrow(DecodeProblem)
  })
})
