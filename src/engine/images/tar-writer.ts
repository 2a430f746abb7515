// Writes plain ustar archives with the same bytes each time: for images that are made here, and for tests.

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
  for (const name of [file.path, file.target ?? '']) {
    if (Buffer.byteLength(name) > NAME_FIELD) throw new Error(`${name} is too long for a plain tar header`)
  }
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, width: number): void => {
    block.write(value.toString(8).padStart(width - 1, '0') + '\0', at, 'latin1')
  }
  block.write(file.path, 0)
  octal(file.mode ?? MODES[kind], 100, 8)
  octal(file.uid ?? 0, 108, 8)
  octal(file.gid ?? 0, 116, 8)
  octal(size, 124, 12)
  octal(file.modified ?? 0, 136, 12)
  block.write(TYPES[kind], 156)
  block.write(file.target ?? '', 157)
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
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
  return Buffer.concat([tarHeader(file, content.length), content, padding])
}

export const tarEnd = Buffer.alloc(2 * BLOCK)

export const tarOf = (files: readonly TarFile[]): Buffer => Buffer.concat([...files.map(tarEntry), tarEnd])
