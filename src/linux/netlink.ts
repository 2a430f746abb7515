// A netlink socket: bound to the network namespace in which it was opened, synchronous, microseconds per message.

import koffi from 'koffi'
import { bind, bindLater, checked, KernelFault } from './libc.ts'
import { dumpLinks, getLink, linkOf, MESSAGE, received, type Link, type Received } from './netlink-codec.ts'

const socket = bind('int socket(int domain, int type, int protocol)')
const send = bind('long send(int fd, const uint8_t *bytes, size_t length, int flags)')
const sendLater = bindLater('long send(int fd, const uint8_t *bytes, size_t length, int flags)')
const receive = bind('long recv(int fd, _Out_ uint8_t *bytes, size_t length, int flags)')
const setsockopt = bind('int setsockopt(int fd, int level, int option, const uint8_t *value, int length)')
const close = bind('int close(int fd)')

const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
export const NETLINK_ROUTE = 0
export const NETLINK_NETFILTER = 12
const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
/** More acknowledgements at once could overflow the socket's buffer, and some would be lost. */
const PIPELINE_MESSAGES = 100
/** The kernel never fills more than 32 KiB of one datagram for us. */
const DATAGRAM_BYTES = 64 * 1024
const ENODEV = 19
const EAGAIN = 11
const MSG_DONTWAIT = 0x40

/** Shared by all sockets: what is received is read before anything else runs. */
const datagram = Buffer.alloc(DATAGRAM_BYTES)

const batches = (messages: readonly Buffer[]): (readonly Buffer[])[] => {
  const found: (readonly Buffer[])[] = []
  for (let at = 0; at < messages.length; at += PIPELINE_MESSAGES) found.push(messages.slice(at, at + PIPELINE_MESSAGES))
  return found
}

export class Netlink {
  readonly #descriptor: number
  #sequence = 1

  constructor(protocol = NETLINK_ROUTE) {
    this.#descriptor = checked('socket', socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol))
    const on = Buffer.from([1, 0, 0, 0])
    // Failures then name the error only, instead of repeating the whole message.
    checked('setsockopt', setsockopt(this.#descriptor, SOL_NETLINK, NETLINK_CAP_ACK, on, on.length))
  }

  /** Sends all and waits for all answers. The first failure is thrown, after the others have been tried. */
  execute(messages: readonly Buffer[]): void {
    const failures = batches(messages).flatMap((batch) => {
      this.#send(batch)
      return this.#acknowledged(batch.length)
    })
    if (failures[0] !== undefined) throw failures[0]
  }

  /**
   * The same on another thread, for what makes or removes links: it waits for all others that do so on the machine, the
   * reaping of dead namespaces included. Nothing else may use this socket meanwhile.
   */
  async executeLater(messages: readonly Buffer[]): Promise<void> {
    const failures: KernelFault[] = []
    for (const batch of batches(messages)) {
      const bytes = this.#numbered(batch)
      await sendLater('send', this.#descriptor, bytes, bytes.length, 0)
      failures.push(...this.#acknowledged(batch.length))
    }
    if (failures[0] !== undefined) throw failures[0]
  }

  /**
   * Sends messages that the kernel takes all or none of; those with `acknowledged` set are answered one by one. Throws
   * the first failure.
   */
  executeBatch(messages: readonly Buffer[], acknowledged: number): void {
    this.#send(messages)
    let failure: KernelFault | undefined
    // After a failure nobody knows how many answers there will be: those that are there are all there are.
    for (let left = acknowledged; left > 0 || failure !== undefined;) {
      const answers = this.#receive(failure === undefined ? 0 : MSG_DONTWAIT)
      if (answers === undefined) break
      for (const answer of answers) {
        if (answer.type !== MESSAGE.error) continue
        left--
        const code = answer.body.readInt32LE(0)
        if (code !== 0) failure ??= new KernelFault('netlink batch', -code)
      }
    }
    if (failure !== undefined) throw failure
  }

  /** All messages that answer a dump. */
  dump(request: Buffer): Received[] {
    this.#send([request])
    const found: Received[] = []
    for (;;) {
      for (const answer of this.#receive()) {
        if (answer.type === MESSAGE.done) return found
        if (answer.type === MESSAGE.error) throw new KernelFault('rtnetlink dump', -answer.body.readInt32LE(0))
        // The buffer is used again for the next datagram.
        found.push({ type: answer.type, body: Buffer.from(answer.body) })
      }
    }
  }

  link(name: string): Link | undefined {
    this.#send([getLink(name)])
    const [answer] = this.#receive()
    if (answer === undefined) throw new Error('the kernel sent an empty answer')
    if (answer.type !== MESSAGE.error) return linkOf(answer)
    const errno = -answer.body.readInt32LE(0)
    if (errno === ENODEV) return undefined
    throw new KernelFault(`get link ${name}`, errno)
  }

  links(): Link[] {
    return this.dump(dumpLinks()).map(linkOf)
  }

  close(): void {
    close(this.#descriptor)
  }

  #numbered(messages: readonly Buffer[]): Buffer {
    for (const message of messages) message.writeUInt32LE(this.#sequence++ >>> 0, 8)
    return Buffer.concat(messages)
  }

  /** The kernel has answered by the time that it has taken the messages. */
  #acknowledged(count: number): KernelFault[] {
    const failures: KernelFault[] = []
    for (let left = count; left > 0;) {
      for (const answer of this.#receive()) {
        if (answer.type !== MESSAGE.error) continue
        left--
        const code = answer.body.readInt32LE(0)
        if (code !== 0) failures.push(new KernelFault('rtnetlink', -code))
      }
    }
    return failures
  }

  #send(messages: readonly Buffer[]): void {
    const bytes = this.#numbered(messages)
    checked('send', send(this.#descriptor, bytes, bytes.length, 0))
  }

  #receive(): Received[]
  #receive(flags: number): Received[] | undefined
  #receive(flags = 0): Received[] | undefined {
    const length = Number(receive(this.#descriptor, datagram, datagram.length, flags))
    if (length < 0 && flags === MSG_DONTWAIT && koffi.errno() === EAGAIN) return undefined
    return received(datagram.subarray(0, checked('recv', length)))
  }
}
