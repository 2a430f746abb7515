// What both halves of the demo stand on: the instance, its image, its default network, and how the demo speaks.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Client } from '#cli/client.ts'
import type { Config } from '#config.ts'

export const IMAGE = 'neargate.local/busybox:1'

/** Where the demo plays. */
export interface Place {
  readonly client: Client
  readonly config: Config
  readonly vpcId: string
  /** Of the default VPC, each in another zone. */
  readonly subnets: readonly string[]
}

export const say = (text = ''): void => console.log(text)

/** Runs the command line's own program; where it fails, so does the demo. */
export const neargate = (...args: string[]): void => {
  const { status } = spawnSync(join(import.meta.dirname, '../../neargate'), args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** The texts of all elements of that name in an answer of a query API. */
export const texts = (xml: string, element: string): string[] =>
  [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text]) => text ?? '')
