// References are normalised as Docker does it, and refused where Docker refuses them.

import { describe, expect, it } from 'vitest'
import { registryBase } from './registry-address.ts'
import { parsedReference } from './reference.ts'

const DIGEST = `sha256:${'ab'.repeat(32)}`

describe('a reference', () => {
  const normalised: Readonly<Record<string, string>> = {
    busybox: 'docker.io/library/busybox:latest',
    'busybox:1.36': 'docker.io/library/busybox:1.36',
    'nginx/unit': 'docker.io/nginx/unit:latest',
    'docker.io/busybox': 'docker.io/library/busybox:latest',
    'index.docker.io/library/busybox:1': 'docker.io/library/busybox:1',
    'localhost/app': 'localhost/app:latest',
    'localhost:5000/app:x': 'localhost:5000/app:x',
    'UPPER/app': 'UPPER/app:latest',
    '[::1]:5000/app': '[::1]:5000/app:latest',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1.2_3-x':
      '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1.2_3-x',
    [`ghcr.io/a/b__c/d--e@${DIGEST}`]: `ghcr.io/a/b__c/d--e@${DIGEST}`,
    [`busybox:1@${DIGEST}`]: `docker.io/library/busybox:1@${DIGEST}`,
  }
  for (const [input, text] of Object.entries(normalised)) {
    it(`${input} means ${text}`, () => expect(parsedReference(input).text).toBe(text))
  }

  it('comes apart into registry, repository, tag and digest', () => {
    expect(parsedReference('quay.io:443/a/b:c')).toMatchObject({ registry: 'quay.io:443', repository: 'a/b', tag: 'c' })
    expect(parsedReference(`x@${DIGEST}`)).not.toHaveProperty('tag')
  })

  const refused = [
    '',
    '/',
    'a//b',
    'a/',
    'Name',
    'a/B',
    'a b',
    'a:',
    'a:b:c',
    'a@b',
    'a@sha256:12',
    'a@@b',
    '../a',
    'a/../b',
  ]
  const more = [
    'a.b/../c',
    'http://x/y',
    'a:.dot',
    'a:'.padEnd(131, 'x'),
    'a/'.repeat(200) + 'a',
    'x.y:999999/a',
    'ä',
    '-a',
    'a-',
  ]
  for (const input of [...refused, ...more, 'x\n', 'x.y/a\0']) {
    it(`${JSON.stringify(input.slice(0, 40))} is refused`, () => {
      expect(() => parsedReference(input)).toThrow('invalid reference format')
    })
  }
})

describe('a registry’s address', () => {
  const cases: Readonly<Record<string, string>> = {
    'docker.io': 'https://registry-1.docker.io/',
    'ghcr.io': 'https://ghcr.io/',
    'x.test:5000': 'https://x.test:5000/',
    localhost: 'http://localhost/',
    'localhost:5000': 'http://localhost:5000/',
    '127.0.0.9:80': 'http://127.0.0.9/',
    '[::1]:5000': 'http://[::1]:5000/',
    'lab.test:5000': 'http://lab.test:5000/',
    '127.0.0.1.evil.test': 'https://127.0.0.1.evil.test/',
  }
  for (const [registry, url] of Object.entries(cases)) {
    it(`${registry} is ${url}`, () => expect(registryBase(registry, ['lab.test:5000']).href).toBe(url))
  }
})
