// From the bytes of an output file to events, wherever the bytes are cut.

import { describe, expect, it } from 'vitest'
import { seededRandom } from '#base/random.ts'
import { Assembler } from './assembler.ts'
import { EVENT_LIMIT_BYTES } from './limits.ts'
import { eventBeginning } from './multiline.ts'
import { rawLines } from './raw-lines.ts'
import type { ShipmentOptions } from './shipment.ts'

const at = (ms: number): string =>
  `2026-01-01T00:00:${String(Math.floor(ms / 1000)).padStart(2, '0')}.${String(ms % 1000).padStart(3, '0')}456789+00:00`
const START = Date.parse('2026-01-01T00:00:00Z')

/** "out F 3 text": an output, a tag, milliseconds, the text. */
const file = (...lines: readonly string[]): Buffer =>
  Buffer.from(
    lines
      .map((line) => {
        const [output, tag, ms, ...text] = line.split(' ')
        return `${at(Number(ms))} std${output} ${tag} ${text.join(' ')}\n`
      })
      .join(''),
  )

const assembled = (bytes: Buffer, options: ShipmentOptions = {}, steps: readonly number[] = [bytes.length]) => {
  const begins = eventBeginning(options)
  if (begins === undefined) throw new Error('bad options')
  const assembler = new Assembler(begins, { stdout: 0, stderr: 0 })
  for (const end of [...steps, bytes.length]) {
    assembler.take(rawLines(bytes.subarray(assembler.end, end), assembler.end, 0), 0)
  }
  return assembler
}
const told = (assembler: Assembler): string[] => {
  assembler.release(0, true)
  return assembler.taken().map((event) => `${event.timestamp - START} ${event.message}`)
}

describe('lines', () => {
  it('become events with their time, of both outputs, empty ones left out', () => {
    const bytes = file('out F 1 one', 'err F 2 two words ', 'out F 3 ', 'out F 59999 tab\there')
    expect(told(assembled(bytes))).toEqual(['1 one', '2 two words ', '59999 tab\there'])
  })

  it.each([
    ['2026-01-01T02:00:00.007000000+02:00', 7],
    ['2025-12-31T19:30:00.007000000-04:30', 7],
    ['2024-02-29T23:59:59.999000000+00:00', Date.parse('2024-02-29T23:59:59.999Z') - START],
    ['2026-12-31T00:00:00.000000000+00:00', Date.parse('2026-12-31T00:00:00Z') - START],
  ])('of %s are at %i', (time, expected) => {
    const [line] = rawLines(Buffer.from(`${time} stdout F x\n`), 0, 0)
    expect(line!.timestamp - START).toBe(expected)
  })

  it('that conmon cut are joined, per output, at the time they were complete', () => {
    const bytes = file('out P 1 Hel', 'err P 2 wor', 'out P 3 lo', 'out F 4 !', 'err F 5 ld', 'out F 6 next')
    expect(told(assembled(bytes))).toEqual(['4 Hello!', '5 world', '6 next'])
  })

  it('survive being read in pieces of any size, with characters cut in two', () => {
    const euro = Buffer.from('€')
    const bytes = Buffer.concat([
      file('out F 1 plain', 'out F 2 grüße 😀'),
      Buffer.from(`${at(3)} stdout P `),
      euro.subarray(0, 1),
      Buffer.from(`\n${at(4)} stdout F `),
      euro.subarray(1),
      Buffer.from('\n'),
    ])
    const expected = ['1 plain', '2 grüße 😀', '4 €']
    expect(told(assembled(bytes))).toEqual(expected)
    for (let size = 1; size < 60; size++) {
      const steps = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => (n + 1) * size)
      expect(told(assembled(bytes, {}, steps))).toEqual(expected)
    }
  })

  it('that are no lines of conmon’s are kept as text, and garbage harms nobody', () => {
    const garbage = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a])
    const bytes = Buffer.concat([file('out F 5 before'), Buffer.from('free text\n\n'), garbage, file('out F 6 after')])
    expect(told(assembled(bytes))).toEqual(['5 before', '5 free text', '5 \ufffd\ufffd\u0000\ufffd', '6 after'])
    const random = seededRandom(3)
    const noise = Buffer.from(Array.from({ length: 20_000 }, () => Math.floor(random.fraction() * 256)))
    expect(
      assembled(Buffer.concat([noise, Buffer.from('\n'), file('out F 7 fine')]))
        .taken()
        .at(-1)!.message,
    ).toBe('fine')
  })

  it('longer than an event become several, cut between characters', () => {
    const chunk = '€'.repeat(2730) + 'ab'
    const parts = Array.from({ length: 70 }, (_, n) => `out ${n === 69 ? 'F' : 'P'} ${n} ${chunk}`)
    const assembler = assembled(file(...parts))
    const messages = assembler.taken().map((event) => event.message)
    expect(messages.join('')).toBe(chunk.repeat(70))
    expect(messages.length).toBe(3)
    for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThanOrEqual(EVENT_LIMIT_BYTES)
    const half = Buffer.from('x'.repeat(8191) + '€')
    const line = (tag: string, body: Buffer): Buffer =>
      Buffer.concat([Buffer.from(`${at(1)} stdout ${tag} `), body, Buffer.from('\n')])
    const pieces = Array.from({ length: 80 }, (_, n) =>
      line('P', half.subarray(n % 2 === 0 ? 0 : 8192, n % 2 === 0 ? 8192 : undefined)),
    )
    const odd = assembled(Buffer.concat([...pieces, line('F', Buffer.alloc(0))]))
    expect(
      odd
        .taken()
        .map((event) => event.message)
        .join(''),
    ).toBe(half.toString().repeat(40))
  })
})

describe('marks', () => {
  it('stand before what is not yet an event, so that it is read again', () => {
    const bytes = file('out F 1 a', 'out P 2 b', 'err F 3 c')
    const first = file('out F 1 a').length
    const assembler = assembled(bytes)
    expect(assembler.marks).toEqual({ stdout: first, stderr: bytes.length })
    const again = new Assembler('none', assembler.marks)
    const rest = Buffer.concat([bytes, file('out F 4 d')])
    again.take(rawLines(rest.subarray(again.end), again.end, 0), 0)
    expect(told(again)).toEqual(['4 bd'])
    expect(again.marks).toEqual({ stdout: rest.length, stderr: rest.length })
  })

  it('never lose or double anything, wherever a life ends', () => {
    const random = seededRandom(11)
    const lines = Array.from({ length: 300 }, (_, n) => {
      const output = random.fraction() < 0.5 ? 'out' : 'err'
      return `${output} ${random.fraction() < 0.3 ? 'P' : 'F'} ${n} ${random.fraction() < 0.2 ? '#' : ''}${n};`
    })
    const bytes = file(...lines, 'out F 900 end', 'err F 901 end')
    for (const options of [{}, { multilinePattern: '^#' }]) {
      const whole = assembled(bytes, options)
      whole.release(0, true)
      const expected = whole
        .taken()
        .map((event) => event.message)
        .join('')
        .replaceAll('\n', '')
      for (let life = 0; life < 40; life++) {
        let assembler = new Assembler(eventBeginning(options)!, { stdout: 0, stderr: 0 })
        const messages: string[] = []
        while (assembler.end < bytes.length) {
          const end = Math.min(bytes.length, assembler.end + 20 + Math.floor(random.fraction() * 3000))
          assembler.take(rawLines(bytes.subarray(assembler.end, end), assembler.end, 0), 0)
          messages.push(...assembler.taken().map((event) => event.message))
          if (random.fraction() < 0.3) assembler = new Assembler(eventBeginning(options)!, assembler.marks)
        }
        assembler.release(0, true)
        messages.push(...assembler.taken().map((event) => event.message))
        const pieces = (text: string): string[] =>
          text
            .split(';')
            .map((piece) => piece.replaceAll('\n', ''))
            .toSorted()
        expect(pieces(messages.join(''))).toEqual(pieces(expected))
      }
    }
  })
})

describe('output that waits', () => {
  it('is let go after its time, and what follows is an event of its own', () => {
    const assembler = assembled(file('out P 1 prompt> '))
    assembler.release(900, false)
    expect(assembler.taken()).toEqual([])
    expect(assembler.isWaiting).toBe(true)
    assembler.release(1000, false)
    expect(assembler.taken().map((event) => event.message)).toEqual(['prompt> '])
    expect(assembler.isWaiting).toBe(false)
    const next = file('out F 2 yes')
    assembler.take(rawLines(next, assembler.end, 0), 0)
    expect(assembler.taken().map((event) => event.message)).toEqual(['yes'])
  })
})

describe('multi-line events', () => {
  it('begin where the pattern matches and take in what follows, of both outputs', () => {
    const bytes = file('out F 1 lost head', 'out F 2 [E] oops', 'err F 3   at x', 'out F 4 ', 'out F 5 [I] fine')
    expect(told(assembled(bytes, { multilinePattern: '^\\[(E|I)\\]' }))).toEqual([
      '1 lost head\n',
      '2 [E] oops\n  at x\n\n',
      '5 [I] fine\n',
    ])
  })

  it.each([
    ['%Y-%m-%d %H:%M:%S', '2026-01-31 23:59:59 x', true],
    ['%Y-%m-%d %H:%M:%S', 'at 2026-01-31 23:59:59', true],
    ['%Y-%m-%d', '26-01-31', false],
    ['[%b %d, %Y %I:%M%p]', '[Jan 01, 2026 11:59PM] x', true],
    ['%d/%b/%Y:%H:%M:%S %z', '31/Dec/2026:10:00:00 +0100', true],
    ['%A %j', 'Monday 001', true],
    ['%H:%M:%S%L', '10:00:00.123', true],
    ['100%%', '100%', true],
    ['100%%', '100', false],
  ])('may begin with the date %s: "%s" is %s', (datetimeFormat, line, expected) => {
    const begins = eventBeginning({ datetimeFormat })
    expect(typeof begins === 'function' && begins(line)).toBe(expected)
  })

  it.each([
    { multilinePattern: '(' },
    { datetimeFormat: '%Q' },
    { datetimeFormat: '%' },
    { multilinePattern: 'a', datetimeFormat: '%Y' },
  ])('%j is no way to say it', (options) => {
    expect(eventBeginning(options)).toBeUndefined()
  })

  it('end when nothing follows for five seconds, or when they are as large as an event may be', () => {
    const assembler = assembled(file('out F 1 # one'), { multilinePattern: '^#' })
    assembler.release(4999, false)
    expect(assembler.taken()).toEqual([])
    assembler.release(5000, false)
    expect(assembler.taken()).toHaveLength(1)
    const many = file(...Array.from({ length: 400 }, (_, n) => `out F ${n} ${'x'.repeat(1000)}`))
    const sizes = assembled(many, { multilinePattern: '^#' })
      .taken()
      .map((event) => Buffer.byteLength(event.message))
    expect(sizes).toHaveLength(1)
    expect(sizes[0]).toBeLessThanOrEqual(EVENT_LIMIT_BYTES)
  })
})
