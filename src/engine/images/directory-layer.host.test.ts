// Unpacking a layer as root: what overlay needs is there, and nothing that an image says reaches outside its folder.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isFault } from '#base/fault.ts'
import { bind } from '#linux/libc.ts'
import { directorySink } from './directory-sink.ts'
import { LAYER_LIMITS } from './limits.ts'
import { digestOf } from './manifest.ts'
import { paxHeader, tarEnd, tarEntry, tarHeader, tarOf, withChecksum, type TarFile } from './tar-writer.ts'
import { inPieces } from './test-image.ts'
import { unpackLayer } from './unpack-layer.ts'

const getxattr = bind('long lgetxattr(const char *path, const char *name, void *value, size_t size)')

const attribute = (path: string, name: string): string | undefined => {
  const value = Buffer.alloc(256)
  const length = Number(getxattr(path, name, value, value.length))
  return length < 0 ? undefined : value.toString('latin1', 0, length)
}

let folder: string
let root: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neargate-layer-'))
  root = join(folder, 'fs')
  mkdirSync(root)
  mkdirSync(join(folder, 'replaced'))
  // What an image must never reach.
  mkdirSync(join(folder, 'outside'))
  writeFileSync(join(folder, 'outside/secret'), 'untouched')
})
afterEach(() => rmSync(folder, { recursive: true }))

const unpack = (tar: Buffer, pieces?: number): Promise<number> =>
  unpackLayer(
    { bytes: inPieces(tar, pieces), diffId: digestOf(tar) },
    directorySink(root, join(folder, 'replaced'), LAYER_LIMITS),
  )

const unpackFiles = (...files: TarFile[]): Promise<number> => unpack(tarOf(files))

const isWhiteout = (path: string): boolean => {
  const file = lstatSync(path)
  return file.isCharacterDevice() && file.rdev === 0
}

const isOpaque = (path: string): boolean => attribute(path, 'trusted.overlay.opaque') === 'y'

const invalid = expect.objectContaining({ name: 'Fault', kind: 'invalid' })

const outsideIsUntouched = (): void => {
  expect(readdirSync(join(folder, 'outside'))).toEqual(['secret'])
  expect(readFileSync(join(folder, 'outside/secret'), 'utf8')).toBe('untouched')
  expect(statSync(join(folder, 'outside/secret')).nlink).toBe(1)
  expect(readdirSync(folder).toSorted()).toEqual(['fs', 'outside', 'replaced'])
}

describe('a layer', () => {
  it('keeps owners, modes with set-user-id, times and links', async () => {
    await unpackFiles(
      { path: './', kind: 'directory', mode: 0o750, uid: 5 },
      { path: 'bin/', kind: 'directory', mode: 0o1777, gid: 7, modified: 1_500_000_000 },
      { path: 'bin/su', content: 'program', mode: 0o4755, uid: 1000, gid: 1001, modified: 1_600_000_000 },
      { path: 'bin/hard', kind: 'hardlink', target: 'bin/su' },
      { path: 'bin/soft', kind: 'symlink', target: '/no/where', uid: 42, modified: 1_400_000_000 },
    )
    expect(statSync(root)).toMatchObject({ mode: 0o40750, uid: 5 })
    expect(statSync(join(root, 'bin'))).toMatchObject({ mode: 0o41777, gid: 7, mtimeMs: 1_500_000_000_000 })
    expect(statSync(join(root, 'bin/su'))).toMatchObject({
      mode: 0o104755,
      uid: 1000,
      gid: 1001,
      mtimeMs: 1_600_000_000_000,
      nlink: 2,
    })
    expect(statSync(join(root, 'bin/hard')).ino).toBe(statSync(join(root, 'bin/su')).ino)
    expect(readlinkSync(join(root, 'bin/soft'))).toBe('/no/where')
    expect(lstatSync(join(root, 'bin/soft'))).toMatchObject({ uid: 42, mtimeMs: 1_400_000_000_000 })
  })

  it('makes missing parents, and unpacks large files and names that are not UTF-8', async () => {
    const large = Buffer.alloc(3_000_000, 'abc')
    const odd = tarHeader({ path: 'a/XX' }, 0)
    odd.set([0xff, 0xfe], 2)
    const tar = Buffer.concat([withChecksum(odd), tarEntry({ path: 'deep/er/large', content: large }), tarEnd])
    const size = await unpack(tar, 70_001)
    expect(readFileSync(join(root, 'deep/er/large')).equals(large)).toBe(true)
    expect(readdirSync(join(root, 'a'), { encoding: 'buffer' })).toEqual([Buffer.from([0xff, 0xfe])])
    expect(size).toBeGreaterThanOrEqual(3_000_000)
  })

  it('keeps file capabilities and user attributes, and drops what is the kernel’s or overlay’s', async () => {
    const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex')
    const names = ['security.capability', 'user.note', 'user.overlay.opaque', 'trusted.overlay.redirect', 'trusted.x']
    const values = names.map((name) => [`SCHILY.xattr.${name}`, name === 'security.capability' ? capability : '/etc'])
    const header = paxHeader(Object.fromEntries(values))
    await unpack(Buffer.concat([header, tarEntry({ path: 'ping', content: 'x', mode: 0o755 }), tarEnd]))
    expect(attribute(join(root, 'ping'), 'security.capability')).toBe(capability.toString('latin1'))
    expect(attribute(join(root, 'ping'), 'user.note')).toBe('/etc')
    for (const name of names.slice(2)) expect(attribute(join(root, 'ping'), name)).toBeUndefined()
  })

  it('leaves device nodes out, whiteouts in disguise too', async () => {
    const device = tarHeader({ path: 'dev/null' }, 0)
    device.write('3', 156)
    await unpack(Buffer.concat([withChecksum(device), tarEntry({ path: 'dev/x' }), tarEnd]))
    expect(readdirSync(join(root, 'dev'))).toEqual(['x'])
  })

  it('lets a later entry of the same name win, whatever it replaces', async () => {
    await unpackFiles(
      { path: 'a', content: 'file' },
      { path: 'a/', kind: 'directory' },
      { path: 'a/in', content: '1' },
      { path: 'b/deep/er/x', content: '1' },
      { path: 'b', content: 'now a file' },
      { path: 'c', content: 'long content' },
      { path: 'c', content: 'short' },
      { path: 'd', kind: 'symlink', target: 'c' },
      { path: 'd', content: 'not through the link' },
    )
    expect(readFileSync(join(root, 'a/in'), 'utf8')).toBe('1')
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe('now a file')
    expect(readFileSync(join(root, 'c'), 'utf8')).toBe('short')
    expect(readFileSync(join(root, 'd'), 'utf8')).toBe('not through the link')
  })

  it('follows symbolic links to directories inside the layer, absolute ones too', async () => {
    await unpackFiles(
      { path: 'usr/lib/', kind: 'directory' },
      { path: 'lib', kind: 'symlink', target: '/usr/lib' },
      { path: 'lib/so', content: 'x' },
    )
    expect(readFileSync(join(root, 'usr/lib/so'), 'utf8')).toBe('x')
  })
})

describe('whiteouts', () => {
  it('become what overlay understands', async () => {
    await unpackFiles(
      { path: 'etc/.wh.gone' },
      { path: 'var/', kind: 'directory' },
      { path: 'var/.wh..wh..opq' },
      { path: 'var/kept', content: 'x' },
      { path: '.wh..wh.plnk/', kind: 'directory' },
    )
    expect(isWhiteout(join(root, 'etc/gone'))).toBe(true)
    expect(isOpaque(join(root, 'var'))).toBe(true)
    expect(isOpaque(join(root, 'etc'))).toBe(false)
    expect(readFileSync(join(root, 'var/kept'), 'utf8')).toBe('x')
    expect(existsSync(join(root, 'var/.wh..wh..opq'))).toBe(false)
  })

  it('hide lower layers but never what the same layer brings, in either order', async () => {
    await unpackFiles(
      { path: 'first/new', content: '1' },
      { path: '.wh.first' },
      { path: '.wh.second' },
      { path: 'second/', kind: 'directory' },
      { path: 'second/new', content: '2' },
      { path: '.wh.third' },
      { path: 'third/new', content: '3' },
      { path: '.wh.fourth' },
      { path: 'fourth', content: '4' },
    )
    for (const name of ['first', 'second', 'third']) {
      expect(isOpaque(join(root, name))).toBe(true)
      expect(existsSync(join(root, name, 'new'))).toBe(true)
    }
    expect(readFileSync(join(root, 'fourth'), 'utf8')).toBe('4')
  })

  for (const name of ['.wh.', '.wh..', '.wh...']) {
    it(`refuses ${name}`, async () => {
      await expect(unpackFiles({ path: `d/${name}` })).rejects.toThrow(invalid)
      outsideIsUntouched()
    })
  }
})

describe('a hostile layer reaches nothing outside', () => {
  interface Attack {
    /** Gets the path of the folder it must not reach. */
    readonly files: (outside: string) => readonly TarFile[]
    /** Else it is unpacked, and lands inside. */
    readonly refused: boolean
  }
  const attacks: Readonly<Record<string, Attack>> = {
    'through an absolute symbolic link': {
      files: (outside) => [
        { path: 'l', kind: 'symlink', target: outside },
        { path: 'l/secret', content: 'stolen' },
      ],
      refused: true,
    },
    'through a climbing symbolic link': {
      files: () => [
        { path: 'l', kind: 'symlink', target: '../outside' },
        { path: 'l/secret', content: 'stolen' },
      ],
      refused: true,
    },
    'through a directory that is replaced by a link while it is open': {
      files: () => [
        { path: 'a/', kind: 'directory' },
        { path: 'a/x', content: 'opens a' },
        { path: 'a', kind: 'symlink', target: '../outside' },
        { path: 'a/secret', content: 'stolen' },
      ],
      refused: true,
    },
    'through a directory whose parent became a link while it was open': {
      files: () => [
        { path: 'a/outside/x', content: 'opens a/outside' },
        { path: 'a', kind: 'symlink', target: '..' },
        { path: 'a/outside/secret', content: 'lands inside' },
      ],
      refused: false,
    },
    'by a hard link through a symbolic link': {
      files: () => [
        { path: 'l', kind: 'symlink', target: '../outside' },
        { path: 'h', kind: 'hardlink', target: 'l/secret' },
      ],
      refused: true,
    },
    'by a hard link to a symbolic link that is then written': {
      files: () => [
        { path: 'l', kind: 'symlink', target: '../outside/secret' },
        { path: 'h', kind: 'hardlink', target: 'l' },
        { path: 'h', content: 'stolen' },
      ],
      refused: false,
    },
    'by a file over a symbolic link': {
      files: () => [
        { path: 'l', kind: 'symlink', target: '../outside/secret' },
        { path: 'l', content: 'stolen', mode: 0o777 },
      ],
      refused: false,
    },
    'by a directory over a symbolic link': {
      files: () => [
        { path: 'l', kind: 'symlink', target: '../outside' },
        { path: 'l/', kind: 'directory', mode: 0o777, uid: 4242 },
        { path: 'l/secret', content: 'stays inside' },
      ],
      refused: false,
    },
    'by a whiteout through a link': {
      files: () => [{ path: 'l', kind: 'symlink', target: '../outside' }, { path: 'l/.wh.secret' }],
      refused: true,
    },
    'by an opaque mark through a link': {
      files: () => [{ path: 'l', kind: 'symlink', target: '../outside' }, { path: 'l/.wh..wh..opq' }],
      refused: true,
    },
    'through /proc': {
      files: () => [
        { path: 'p', kind: 'symlink', target: '/proc/self/root' },
        { path: 'p/tmp/x', content: 'x' },
      ],
      refused: true,
    },
    'by a link to itself': {
      files: () => [{ path: 'l', kind: 'symlink', target: 'l' }, { path: 'l/x' }],
      refused: true,
    },
  }
  for (const [how, { files, refused }] of Object.entries(attacks)) {
    it(`${how}: ${refused ? 'refused' : 'stays inside'}`, async () => {
      const failure = await unpackFiles(...files(join(folder, 'outside'))).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(isFault(failure, 'invalid')).toBe(refused)
      outsideIsUntouched()
    })
  }

  it('nor builds directories too deep to remove', async () => {
    const deep = Array(10).fill('d'.repeat(9)).join('/')
    const files: TarFile[] = [{ path: `${deep}/`, kind: 'directory' }]
    for (let link = 0; link < 30; link++) {
      const under = link === 0 ? '' : `l${link - 1}/`
      files.push({ path: `${under}${link === 0 ? deep : 'd'.repeat(250)}/`, kind: 'directory' })
      files.push({ path: `l${link}`, kind: 'symlink', target: link === 0 ? deep : `l${link - 1}/${'d'.repeat(250)}` })
    }
    await expect(unpackFiles(...files)).rejects.toThrow('too deep')
    outsideIsUntouched()
  })

  it('nor names an owner that the kernel takes for "leave it"', async () => {
    const header = tarHeader({ path: 'x' }, 0)
    header.fill(0, 108, 116).set([0x80], 108)
    header.writeUInt32BE(0xffffffff, 112)
    await expect(unpack(Buffer.concat([withChecksum(header), tarEnd]))).rejects.toThrow(invalid)
  })

  it('refuses a tar whose digest is another', async () => {
    const tar = tarOf([{ path: 'x', content: 'x' }])
    const sink = directorySink(root, join(folder, 'replaced'), LAYER_LIMITS)
    const work = unpackLayer({ bytes: inPieces(tar), diffId: digestOf('other') }, sink)
    await expect(work).rejects.toThrow('wrong diff id')
  })

  it('leaves no file descriptor open', async () => {
    const before = readdirSync('/proc/self/fd').length
    const many = Array.from({ length: 100 }, (_, at): TarFile => ({ path: `dir${at}/file`, content: 'x' }))
    await unpackFiles(...many)
    await expect(unpackFiles({ path: 'y/z' }, { path: 'y/z/w' })).rejects.toThrow(invalid)
    expect(readdirSync('/proc/self/fd').length).toBe(before)
    expect(realpathSync(root)).toBe(realpathSync(join(folder, 'fs')))
  })
})
