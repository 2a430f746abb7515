// Writes tar archives with the same bytes each time: for images that are made here, and for tests.

export interface TarFile {
  readonly path: string
  readonly kind?: 'file' | 'directory' | 'symlink' | 'hardlink'
  readonly content?: Uint8Array | string
  /** Of a link. */
  readonly target?: string
  /** Default: 0755 for directories, 0644 for files, 0777 for symbolic links. */
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Seconds since 1970; default 0. */
  readonly modified?: number
}

const BLOCK = 512
const TYPES = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const
const MODES = { file: 0o644, hardlink: 0o644, symlink: 0o777, directory: 0o755 } as const
/** Bytes. */
const NAME_FIELD = 100

export const tarHeader = (file: TarFile, size: number): Buffer => {
  const kind = file.kind ?? 'file'
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, width: number): void => {
    block.write(value.toString(8).padStart(width - 1, '0') + '\0', at, 'latin1')
  }
  block.write(file.path, 0, NAME_FIELD)
  octal(file.mode ?? MODES[kind], 100, 8)
  octal(file.uid ?? 0, 108, 8)
  octal(file.gid ?? 0, 116, 8)
  octal(size, 124, 12)
  octal(file.modified ?? 0, 136, 12)
  block.write(TYPES[kind], 156)
  block.write(file.target ?? '', 157, NAME_FIELD)
  block.write('ustar\0' + '00', 257, 'latin1')
  return withChecksum(block)
}

/** Sums the block up as if the sum's own field were blank. */
export const withChecksum = (block: Buffer): Buffer => {
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(sum.toString(8).padStart(6, '0') + '\0 ', 148, 'latin1')
  return block
}

export const tarEntry = (file: TarFile): Buffer => {
  const content = Buffer.from(file.content ?? '')
  return Buffer.concat([longNames(file), tarHeader(file, content.length), padded(content)])
}

/** An extended header for the next entry: "<length> <key>=<value>\n", the length counting itself. */
export const paxHeader = (records: Readonly<Record<string, string | Uint8Array>>, type = 'x'): Buffer => {
  const body = Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const text = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')])
      const digits = String(text.length).length
      const length = String(text.length + digits).length + text.length
      return Buffer.concat([Buffer.from(String(length)), text])
    }),
  )
  const header = tarHeader({ path: 'pax' }, body.length)
  header.write(type, 156)
  return Buffer.concat([withChecksum(header), padded(body)])
}

const padded = (content: Buffer): Buffer =>
  Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)])

const longNames = (file: TarFile): Buffer => {
  const target = file.target ?? ''
  const records = {
    ...(Buffer.byteLength(file.path) > NAME_FIELD ? { path: file.path } : {}),
    ...(Buffer.byteLength(target) > NAME_FIELD ? { linkpath: target } : {}),
  }
  return Object.keys(records).length === 0 ? Buffer.alloc(0) : paxHeader(records)
}

export const tarEnd = Buffer.alloc(2 * BLOCK)

export const tarOf = (files: readonly TarFile[]): Buffer => Buffer.concat([...files.map(tarEntry), tarEnd])
