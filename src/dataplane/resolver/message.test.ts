// Hostile bytes are refused, and what is written can be read.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CODE, isAnswerTo, nameBytes, readName, readQuery, truncated, TYPE, writeResponse } from './message.ts'

const header = (questions = 1, flags = 0x0100): Buffer => {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt16BE(0x1234, 0)
  bytes.writeUInt16BE(flags, 2)
  bytes.writeUInt16BE(questions, 4)
  return bytes
}
const tail = (type: number = TYPE.A): Buffer => Buffer.from([0, type, 0, 1])
const query = (name: string, ...more: Buffer[]): Buffer => Buffer.concat([header(), nameBytes(name), tail(), ...more])
const opt = (bytes: number): Buffer => Buffer.from([0, 0, 41, bytes >> 8, bytes & 255, 0, 0, 0, 0, 0, 0])
const parsed = (bytes: Buffer): NonNullable<ReturnType<typeof readQuery>> => {
  const read = readQuery(bytes)
  if (read === undefined) throw new Error('no query')
  return read
}

describe('reading', () => {
  it('reads a question, in lower case, with what the client takes', () => {
    expect(readQuery(query('WWW.Example.com', opt(4096)))).toMatchObject({
      id: 0x1234,
      recursionDesired: true,
      question: { name: 'www.example.com', type: TYPE.A, class: 1 },
      udpBytes: 1232,
    })
    expect(readQuery(query('a'))?.udpBytes).toBe(512)
    expect(readQuery(query('', opt(100)))).toMatchObject({ question: { name: '' }, udpBytes: 512 })
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a header alone', header()],
    ['an answer', Buffer.concat([header(1, 0x8000), nameBytes('a'), tail()])],
    ['two questions', Buffer.concat([header(2), nameBytes('a'), tail(), nameBytes('b'), tail()])],
    ['a pointer to itself', Buffer.concat([header(), Buffer.from([0xc0, 12]), tail()])],
    ['a pointer into the header', Buffer.concat([header(), Buffer.from([0xc0, 10]), tail()])],
    [
      'a label longer than 63',
      Buffer.concat([header(), Buffer.from([64]), Buffer.alloc(64, 97), Buffer.from([0]), tail()]),
    ],
    ['a name longer than 255', query(Array(64).fill('abc').join('.'))],
    ['a name without end', Buffer.concat([header(), Buffer.from([3, 97, 97])])],
    ['a dot inside a label', Buffer.concat([header(), Buffer.from([3, 97, 46, 97, 0]), tail()])],
    ['more than 4 KiB', query('a', Buffer.alloc(5000))],
  ])('refuses %s', (_what, bytes) => {
    expect(readQuery(bytes)).toBeUndefined()
  })

  it('follows pointers backwards only, so that none comes round again', () => {
    const bytes = Buffer.concat([nameBytes('example.com'), Buffer.from([1, 97, 0xc0, 0, 0xc0, 17])])
    expect(readName(bytes, 13)).toEqual({ name: 'a.example.com', end: 17 })
    expect(readName(bytes, 17)).toBeUndefined()
  })

  it('survives any bytes', () => {
    const anything = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes))
    const read = (bytes: Buffer): boolean => (readQuery(bytes)?.question.name.length ?? 0) <= 255
    expect(() => fc.assert(fc.property(anything, read))).not.toThrow()
    expect(() => fc.assert(fc.property(anything, (bytes) => read(Buffer.concat([header(), bytes]))))).not.toThrow()
  })
})

describe('writing', () => {
  const asked = query('a.b')
  const record = { name: 'a.b', type: TYPE.A, ttlSeconds: 60, data: Buffer.from([10, 0, 0, 1]) }

  it('answers the question as it was asked', () => {
    const bytes = writeResponse(asked, parsed(asked), { code: CODE.ok, answers: [record] }, 512)
    expect(isAnswerTo(bytes, 0x1234, { name: 'a.b', type: TYPE.A, class: 1 })).toBe(true)
    expect(bytes.readUInt16BE(6)).toBe(1)
    expect(bytes.subarray(-4)).toEqual(record.data)
    expect(isAnswerTo(bytes, 0x1235, { name: 'a.b', type: TYPE.A, class: 1 })).toBe(false)
    expect(isAnswerTo(bytes, 0x1234, { name: 'a.c', type: TYPE.A, class: 1 })).toBe(false)
  })

  it('asks for TCP when it does not fit', () => {
    const many = { code: CODE.ok, answers: Array.from({ length: 40 }, () => record) }
    const bytes = writeResponse(asked, parsed(asked), many, 512)
    expect(bytes.readUInt16BE(2) & 0x0200).toBe(0x0200)
    expect(bytes.length).toBe(asked.length)
    const whole = writeResponse(asked, parsed(asked), many, 65_535)
    expect(whole.readUInt16BE(6)).toBe(40)
    const cut = truncated(whole, asked, parsed(asked), 512)
    expect(cut.readUInt16BE(2) & 0x0200).toBe(0x0200)
    expect([...cut.subarray(6, 12)]).toEqual([0, 0, 0, 0, 0, 0])
  })
})
