// The tar reader: what it understands, what it refuses, and that pieces of any size give the same.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFault } from '#base/fault.ts'
import { LAYER_LIMITS, TAR_METADATA_BYTES, type LayerLimits } from './limits.ts'
import { TarReader, type TarEntry } from './tar-reader.ts'
import { paxHeader, tarEnd, tarEntry, tarHeader, tarOf, withChecksum, type TarFile } from './tar-writer.ts'

interface Read {
  readonly entry: TarEntry
  readonly content: string
}

const read = (tar: Uint8Array, size = tar.length || 1, limits: LayerLimits = LAYER_LIMITS): Read[] => {
  const reader = new TarReader(limits)
  const found: { entry: TarEntry; parts: Uint8Array[] }[] = []
  let open = false
  for (let at = 0; at < tar.length; at += size) {
    for (const event of reader.feed(tar.subarray(at, at + size))) {
      if (event.is === 'entry') {
        expect(open).toBe(false)
        found.push({ entry: event.entry, parts: [] })
        open = event.entry.kind === 'file'
      } else {
        expect(open).toBe(true)
        if (event.is === 'data') found.at(-1)?.parts.push(event.bytes.slice())
        else open = false
      }
    }
  }
  reader.finish()
  return found.map(({ entry, parts }) => ({ entry, content: Buffer.concat(parts).toString('latin1') }))
}

const raw = (change: (block: Buffer) => void, size = 0): Buffer => {
  const block = tarHeader({ path: 'file' }, size)
  change(block)
  return withChecksum(block)
}

const metadata = (type: string, body: Buffer | string): Buffer => {
  const entry = tarEntry({ path: 'metadata', content: body })
  return Buffer.concat([withChecksum(Buffer.from(entry.subarray(0, 512)).fill(type, 156, 157)), entry.subarray(512)])
}

const pax = paxHeader

const one = (...parts: Buffer[]): Read => {
  const [first, ...rest] = read(Buffer.concat([...parts, tarEnd]))
  expect(rest).toEqual([])
  if (first === undefined) throw new Error('nothing read')
  return first
}

describe('what is understood', () => {
  it('reads files, directories and links with their owner, mode and time', () => {
    const found = read(
      tarOf([
        { path: './etc/', kind: 'directory', mode: 0o1755 },
        { path: '/etc/passwd', content: 'root', mode: 0o4755, uid: 1, gid: 2, modified: 1_700_000_000 },
        { path: 'etc/link', kind: 'symlink', target: '../x' },
        { path: 'etc/hard', kind: 'hardlink', target: './etc//passwd' },
      ]),
    )
    expect(found.map(({ entry }) => [entry.kind, entry.path, entry.target])).toEqual([
      ['directory', 'etc', ''],
      ['file', 'etc/passwd', ''],
      ['symlink', 'etc/link', '../x'],
      ['hardlink', 'etc/hard', 'etc/passwd'],
    ])
    expect(found[1]).toMatchObject({
      content: 'root',
      entry: { mode: 0o4755, uid: 1, gid: 2, modified: { seconds: 1_700_000_000, nanoseconds: 0 } },
    })
  })

  it('lets extended headers override path, ids, size and time, for one entry only', () => {
    const [first, second] = read(
      Buffer.concat([
        pax({
          path: Array(4).fill('ä'.repeat(50)).join('/'),
          uid: '3000000',
          mtime: '1700000000.123456789',
          'SCHILY.xattr.security.capability': Buffer.from([1, 0, 0, 2, 255]),
        }),
        tarEntry({ path: 'short', content: 'x' }),
        tarEntry({ path: 'next' }),
        tarEnd,
      ]),
    )
    expect(Buffer.from(first?.entry.path ?? '', 'latin1').toString()).toBe(Array(4).fill('ä'.repeat(50)).join('/'))
    expect(first?.entry).toMatchObject({ uid: 3_000_000, modified: { seconds: 1_700_000_000, nanoseconds: 123456789 } })
    expect(first?.entry.attributes).toEqual([['security.capability', Buffer.from([1, 0, 0, 2, 255])]])
    expect(second?.entry).toMatchObject({ path: 'next', uid: 0, attributes: [] })
  })

  it('reads GNU long names and long link targets', () => {
    const name = `${'n'.repeat(200)}/${'m'.repeat(200)}`
    const { entry } = one(
      metadata('L', `${name}\0`),
      metadata('K', `${'t'.repeat(300)}\0`),
      tarEntry({ path: 'cut', kind: 'symlink', target: 'cut' }),
    )
    expect(entry).toMatchObject({ path: name, target: 't'.repeat(300) })
  })

  it('reads sizes in base 256 and the prefix of ustar, but not where GNU keeps times', () => {
    const big = raw((block) => {
      block.fill(0, 124, 136)
      block[124] = 0x80
      block[135] = 3
    })
    expect(one(big, Buffer.from('abc'.padEnd(512, '\0'))).content).toBe('abc')
    expect(one(raw((block) => block.write('some/prefix', 345))).entry.path).toBe('some/prefix/file')
    const gnu = raw((block) => {
      block.write('ustar  \0', 257)
      block.write('14000000000', 345)
    })
    expect(one(gnu).entry.path).toBe('file')
  })

  it('ignores global headers, and everything after the end mark', () => {
    const tar = Buffer.concat([metadata('g', '11 comment=x\n'), tarEntry({ path: 'a' }), tarEnd, Buffer.alloc(700, 7)])
    expect(read(tar).map(({ entry }) => entry.path)).toEqual(['a'])
  })

  it('accepts an archive without an end mark, as some builders write', () => {
    expect(read(tarEntry({ path: 'a', content: 'x' }))).toHaveLength(1)
    expect(read(Buffer.alloc(0))).toEqual([])
  })

  it('takes times before 1970', () => {
    const { entry } = one(pax({ mtime: '-1.25' }), tarEntry({ path: 'old' }))
    expect(entry.modified).toEqual({ seconds: -2, nanoseconds: 750_000_000 })
  })
})

describe('what is refused', () => {
  const cases: Readonly<Record<string, Buffer>> = {
    'a path that climbs': tarEntry({ path: '../../etc/passwd' }),
    'a path that climbs in the middle': tarEntry({ path: 'a/../../b' }),
    'a climbing extended path': Buffer.concat([pax({ path: 'x/../../y' }), tarEntry({ path: 'a' })]),
    'a climbing hard link target': tarEntry({ path: 'a', kind: 'hardlink', target: '../../etc/shadow' }),
    'a zero byte in a path': Buffer.concat([pax({ path: 'a\0b' }), tarEntry({ path: 'a' })]),
    'a wrong checksum': tarHeader({ path: 'a' }, 0).fill('x', 0, 1),
    'letters in a number': raw((block) => block.write('zzz', 124)),
    'a negative size': raw((block) => block.fill(0xff, 124, 136)),
    'an absurd size': raw((block) => block.fill(0x7f, 125, 136).fill(0x80, 124, 125)),
    'a negative extended size': Buffer.concat([pax({ size: '-5' }), tarEntry({ path: 'a' })]),
    'a sparse file': raw((block) => block.write('S', 156)),
    'an extended sparse file': Buffer.concat([pax({ 'GNU.sparse.major': '1' }), tarEntry({ path: 'a' })]),
    'an unknown type': raw((block) => block.write('Z', 156)),
    'a header cut short': tarHeader({ path: 'a' }, 0).subarray(0, 300),
    'content cut short': tarEntry({ path: 'a', content: 'x'.repeat(2000) }).subarray(0, 1000),
    'an extended header of nothing': pax({ path: 'x' }),
    'an extended header whose length lies': Buffer.concat([metadata('x', '99 path=a\n'), tarEntry({ path: 'a' })]),
    'an extended header without a key': Buffer.concat([metadata('x', '5 =a\n'), tarEntry({ path: 'a' })]),
    'a name of 256 bytes': Buffer.concat([pax({ path: 'n'.repeat(256) }), tarEntry({ path: 'a' })]),
    'a path of 4000 bytes': Buffer.concat([pax({ path: 'n/'.repeat(2000) }), tarEntry({ path: 'a' })]),
    'metadata without end': tarHeader({ path: 'm' }, TAR_METADATA_BYTES + 1),
    'an entry after a zero block': Buffer.concat([Buffer.alloc(512), tarEntry({ path: 'a' })]),
  }
  for (const [what, tar] of Object.entries(cases)) {
    const bytes = what === 'metadata without end' ? withChecksum(Buffer.from(tar).fill('x', 156, 157)) : tar
    it(`refuses ${what}`, () => {
      expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'Fault', kind: 'invalid' }))
    })
  }

  it('counts entries, bytes of a file and bytes of all files', () => {
    const limits: LayerLimits = { entries: 2, totalBytes: 20, fileBytes: 15 }
    const files = (...sizes: number[]): Buffer =>
      tarOf(sizes.map((n, at) => ({ path: `${at}`, content: 'x'.repeat(n) })))
    expect(read(files(10, 10), undefined, limits)).toHaveLength(2)
    expect(() => read(files(1, 1, 1), undefined, limits)).toThrow('more than 2 entries')
    expect(() => read(files(16), undefined, limits)).toThrow('larger than 15')
    expect(() => read(files(15, 6), undefined, limits)).toThrow('more than 20 bytes')
  })
})

describe('any archive', () => {
  const name = fc.stringMatching(/^[a-z0-9_-]{1,20}$/)
  const file: fc.Arbitrary<TarFile> = fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    content: fc.uint8Array({ maxLength: 2000 }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.integer({ min: 0, max: 0o7777777 }),
    modified: fc.integer({ min: 0, max: 2 ** 32 }),
  })

  it('reads back what was written, in pieces of any size', () => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 8 }), fc.integer({ min: 1, max: 1500 }), (files, size) => {
        const found = read(tarOf(files), size)
        expect(found.map(({ entry, content }) => [entry.path, content, entry.mode, entry.uid])).toEqual(
          files.map(({ path, content, mode, uid }) => [path, Buffer.from(content ?? '').toString('latin1'), mode, uid]),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('answers any bytes with entries or a fault, and says the same for pieces of any size', () => {
    const outcome = (tar: Uint8Array, size: number): unknown => {
      try {
        return read(tar, size).map(({ entry, content }) => [entry, content])
      } catch (error) {
        if (!isFault(error, 'invalid')) throw error
        return error.message
      }
    }
    const spoilt = fc
      .tuple(
        fc.array(file, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      )
      .map(([files, changes]) => {
        const tar = tarOf(files)
        for (const [at, byte] of changes) tar[at % tar.length] = byte
        // A spoilt header is only interesting when its checksum is right.
        return withChecksum(tar.subarray(0, 512)) && tar
      })
    fc.assert(
      fc.property(spoilt, fc.integer({ min: 1, max: 1500 }), (tar, size) => {
        expect(outcome(tar, size)).toEqual(outcome(tar, tar.length))
      }),
      { numRuns: 150 },
    )
  })
})
