// What a load balancer has logged and not published yet: a file of lines, each with the id of its request, so that a
// control plane that was killed knows what it has and publishes nothing twice.

import { appendFile, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { REMEMBERED } from './limits.ts'

export interface SpooledRequest {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly endedAt: number
  readonly entry: string
}

interface Head {
  /** Milliseconds since 1970: what ended before was not to be logged. */
  readonly since: number
  /** Seconds since 1970. */
  readonly periodEnd: number
  /** Of the name under which it is published. */
  readonly random: string
}

const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

const zipped = promisify(gzip)

/** Whole or not at all, and on the disk before its name is. */
const written = async (path: string, content: string | Uint8Array): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
  const draft = `${path}.new`
  const file = await open(draft, 'w', FILE_MODE)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}

export class Spool {
  readonly #path: string
  /** When each remembered request ended, the oldest first. */
  readonly #known = new Map<string, number>()
  #head: Head
  #entries: string[] = []
  #bytes = 0

  private constructor(path: string, head: Head) {
    this.#path = path
    this.#head = head
  }

  /** The one that is there goes on; else one begins with `head`. */
  static async open(path: string, head: Head): Promise<Spool> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    const [first = '', ...lines] = (text ?? '').split('\n')
    const found = /^#(\d+) (\d+) (\w+)$/.exec(first)
    if (text === undefined || found === null) {
      const spool = new Spool(path, head)
      await spool.#begin(head)
      return spool
    }
    const [, since = '', periodEnd = '', random = ''] = found
    const spool = new Spool(path, { since: Number(since), periodEnd: Number(periodEnd), random })
    // A line that was cut by a kill is written again.
    const whole = lines.slice(0, -1)
    for (const line of whole) spool.#take(line)
    if (lines.at(-1) !== '') await writeFile(path, `${[first, ...whole].join('\n')}\n`, { mode: FILE_MODE })
    return spool
  }

  get head(): Head {
    return this.#head
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether it has been logged, or ended before anything was to be logged. */
  knows({ id, endedAt }: Pick<SpooledRequest, 'id' | 'endedAt'>): boolean {
    if (endedAt < this.#head.since || this.#known.has(id)) return true
    const [oldest] = this.#known.values()
    return this.#known.size >= REMEMBERED && oldest !== undefined && endedAt < oldest
  }

  async append(requests: readonly SpooledRequest[]): Promise<void> {
    const lines = requests.map(({ id, endedAt, entry }) => `${id} ${endedAt} ${entry}`)
    await appendFile(this.#path, lines.map((line) => `${line}\n`).join(''))
    for (const line of lines) this.#take(line)
  }

  /** Writes the entries to where they are published, and begins anew. Safe to repeat after a kill: it is the same file. */
  async publish(path: string, next: Omit<Head, 'since'>): Promise<void> {
    await written(path, await zipped(`${this.#entries.join('\n')}\n`))
    await this.#begin({ since: this.#head.since, ...next })
  }

  /** Without publishing: nothing was logged. */
  async advance(next: Omit<Head, 'since'>): Promise<void> {
    await this.#begin({ since: this.#head.since, ...next })
  }

  /** Nothing is to be logged any more. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true })
  }

  async #begin(head: Head): Promise<void> {
    const markers = [...this.#known].map(([id, endedAt]) => `${id} ${endedAt}`)
    const lines = [`#${head.since} ${head.periodEnd} ${head.random}`, ...markers]
    await written(this.#path, `${lines.join('\n')}\n`)
    this.#head = head
    this.#entries = []
    this.#bytes = 0
  }

  #take(line: string): void {
    const [, id = '', endedAt = '', entry] = /^(\S+) (\d+)(?: (.*))?$/.exec(line) ?? []
    if (id === '') return
    this.#known.set(id, Number(endedAt))
    const [oldest] = this.#known.keys()
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest)
    if (entry === undefined) return
    this.#entries.push(entry)
    this.#bytes += entry.length
  }
}
