// The root access key: made at the first start, kept with the data, and written out as an AWS profile.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '#base/random.ts'
import { writeSecret } from '#base/secret-file.ts'

export interface RootCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Twelve digits. */
  readonly account: string
}

const existing = (path: string): RootCredentials | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RootCredentials
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** The key of this data directory; made when there is none. The region is the profile's default only. */
export const rootCredentials = (
  options: { readonly dataDir: string; readonly account: string; readonly region: string; readonly endpoint: string },
  random: Random,
): RootCredentials => {
  mkdirSync(join(options.dataDir, 'aws'), { recursive: true, mode: 0o700 })
  const path = join(options.dataDir, 'credentials.json')
  let credentials = existing(path)
  if (credentials === undefined) {
    credentials = {
      // AWS's own form: "AKIA" and 16 of A-Z, 2-7; a 40-character secret.
      accessKeyId: `AKIA${random
        .alphanumeric(16)
        .toUpperCase()
        .replaceAll(/[0189]/g, '7')}`,
      secretAccessKey: random.alphanumeric(40),
      account: options.account,
    }
    writeSecret(path, JSON.stringify(credentials) + '\n')
  }
  writeSecret(
    join(options.dataDir, 'aws/credentials'),
    `[default]\naws_access_key_id = ${credentials.accessKeyId}\naws_secret_access_key = ${credentials.secretAccessKey}\n`,
  )
  writeSecret(
    join(options.dataDir, 'aws/config'),
    `[default]\nregion = ${options.region}\nendpoint_url = ${options.endpoint}\ndisable_host_prefix_injection = true\n`,
  )
  return credentials
}
