// The packet filter through libnftables: the same words as nft(8), without a process.

import koffi from 'koffi'
import { Fault } from '#base/fault.ts'
import { bind } from './libc.ts'

const SIG_SETMASK = 2
const SIGNAL_SET_BYTES = 128
const ALL_SIGNALS = Buffer.alloc(SIGNAL_SET_BYTES, 0xff)
const setSignalMask = bind('int pthread_sigmask(int how, const uint8_t *set, _Out_ uint8_t *previous)')

interface Library {
  create(flags: number): unknown
  free(context: unknown): void
  run(context: unknown, commands: string): number
  bufferErrors(context: unknown): number
  errors(context: unknown): string
  bufferOutput(context: unknown): number
  output(context: unknown): string
}

let library: Library | undefined

const loaded = (): Library => {
  if (library !== undefined) return library
  const file = koffi.load('libnftables.so.1')
  library = {
    create: file.func('void *nft_ctx_new(uint32_t flags)'),
    free: file.func('void nft_ctx_free(void *context)'),
    run: file.func('int nft_run_cmd_from_buffer(void *context, const char *commands)'),
    bufferErrors: file.func('int nft_ctx_buffer_error(void *context)'),
    errors: file.func('const char *nft_ctx_get_error_buffer(void *context)'),
    bufferOutput: file.func('int nft_ctx_buffer_output(void *context)'),
    output: file.func('const char *nft_ctx_get_output_buffer(void *context)'),
  }
  return library
}

/** True when libnftables is installed on this host. */
export const isAvailable = (): boolean => {
  try {
    loaded()
    return true
  } catch {
    // Whatever keeps it from loading, the answer is the same: nft(8) is spawned instead.
    return false
  }
}

/** Bound to the network namespace in which it was made, for as long as it lives. */
export class Nftables {
  readonly #library = loaded()
  #context: unknown

  constructor() {
    this.#context = this.#library.create(0)
    this.#library.bufferErrors(this.#context)
    this.#library.bufferOutput(this.#context)
  }

  /** One transaction. Gives what nft would print; Fault "failed" with nft's own words. */
  run(commands: string): string {
    if (this.#context === null) throw new Error('this nftables context is closed')
    const previous = Buffer.alloc(SIGNAL_SET_BYTES)
    // With a signal pending the kernel gives up a batch half way and the answer is lost; a retry is not safe.
    setSignalMask(SIG_SETMASK, ALL_SIGNALS, previous)
    try {
      if (this.#library.run(this.#context, commands) !== 0)
        throw new Fault('failed', `nft: ${this.#library.errors(this.#context).trim().slice(0, 2000)}`)
      return this.#library.output(this.#context)
    } finally {
      setSignalMask(SIG_SETMASK, previous, null)
    }
  }

  close(): void {
    if (this.#context !== null) this.#library.free(this.#context)
    this.#context = null
  }
}
