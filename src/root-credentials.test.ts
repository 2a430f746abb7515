import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '#base/random.ts'
import { rootCredentials } from './root-credentials.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'neargate-root-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const made = (seed: number) =>
  rootCredentials(
    { dataDir, account: '123456789012', region: 'eu-west-1', endpoint: 'http://127.0.0.1:4566' },
    seededRandom(seed),
  )

describe('the root access key', () => {
  it('is made once and found again, whatever chance says later', () => {
    const first = made(1)
    expect(first.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/)
    expect(first.secretAccessKey).toMatch(/^[A-Za-z0-9]{40}$/)
    expect(made(2)).toEqual(first)
  })

  it('is readable by its owner only', () => {
    made(1)
    for (const file of ['credentials.json', 'aws/credentials', 'aws/config']) {
      expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600)
    }
  })

  it('is written out as a profile that the AWS CLI reads', () => {
    const { accessKeyId } = made(1)
    expect(readFileSync(join(dataDir, 'aws/credentials'), 'utf8')).toContain(`aws_access_key_id = ${accessKeyId}`)
    expect(readFileSync(join(dataDir, 'aws/config'), 'utf8')).toContain('endpoint_url = http://127.0.0.1:4566')
  })
})
