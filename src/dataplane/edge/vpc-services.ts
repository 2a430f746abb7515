// The open sockets of one VPC. They live in its namespace, and die with what is told here, not with a connection.

import { statSync } from 'node:fs'
import type { Log } from '#base/log.ts'
import { apiForward } from './api-forward.ts'
import type { AnswerMetadata, EdgeVpc, VpcResolver } from './contract.ts'
import { dnsListeners } from './dns-listener.ts'
import { EndpointListeners } from './endpoint-listeners.ts'
import { metadataListener } from './metadata-listener.ts'

export interface VpcServicesOptions {
  readonly log: Log
  readonly answerMetadata: AnswerMetadata
  readonly resolverFor: (vpc: EdgeVpc) => VpcResolver
}

interface Listener {
  close(): unknown
  closeAllConnections?(): void
}

/** What sockets were opened for: while it is the same, they stay. */
const identity = (vpc: EdgeVpc): string => {
  const { namespacePath, metadataAddress, resolverAddresses, apiAddress, apiPort, dns } = vpc
  const namespace = statSync(namespacePath, { throwIfNoEntry: false })?.ino
  return JSON.stringify([namespacePath, namespace, metadataAddress, resolverAddresses, apiAddress, apiPort, dns])
}

export class VpcServices {
  readonly #options: VpcServicesOptions
  readonly #documents = new Map<string, unknown>()
  readonly #endpoints = new EndpointListeners()
  #listeners: Listener[] = []
  #resolver: VpcResolver | undefined
  #identity = ''

  constructor(options: VpcServicesOptions) {
    this.#options = options
  }

  /** Opens what is not open; changed names take effect with the next question. Faults when a socket cannot be had. */
  set(vpc: EdgeVpc): void {
    this.#setRouter(vpc)
    this.#endpoints.set(vpc)
  }

  #setRouter(vpc: EdgeVpc): void {
    const now = identity(vpc)
    if (now === this.#identity) return this.#resolver?.update(vpc)
    this.#closeRouter()
    const { log, answerMetadata, resolverFor } = this.#options
    const documentOf = (ip: string): unknown => this.#documents.get(ip)
    try {
      this.#listeners.push(metadataListener(vpc, { log, answer: answerMetadata, documentOf }))
      this.#listeners.push(apiForward(vpc))
      if (vpc.dns) {
        this.#resolver = resolverFor(vpc)
        this.#listeners.push(...dnsListeners(vpc, this.#resolver, log))
      }
      this.#identity = now
    } catch (error) {
      this.#closeRouter()
      throw error
    }
  }

  setDocument(ip: string, document: unknown): void {
    this.#documents.set(ip, document)
  }

  removeDocument(ip: string): void {
    this.#documents.delete(ip)
  }

  /** Only these addresses keep their documents. */
  keepDocuments(ips: ReadonlySet<string>): void {
    for (const ip of this.#documents.keys()) if (!ips.has(ip)) this.#documents.delete(ip)
  }

  close(): void {
    this.#endpoints.close()
    this.#closeRouter()
  }

  #closeRouter(): void {
    for (const listener of this.#listeners.splice(0)) {
      listener.close()
      listener.closeAllConnections?.()
    }
    this.#resolver = undefined
    this.#identity = ''
  }
}
