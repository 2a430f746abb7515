// Goal: an entry of a network load balancer's access log is what AWS documents, whatever the client sends. Method: tables,
// and the regular expression by which AWS has Athena read these logs.

import { describe, expect, it } from 'vitest'
import type { LoggedConnection } from '#dataplane/balancer/balancer.ts'
import { activeBalancerRow, loggedConnectionRow } from '#test/balancer/rows.ts'
import { tlsLogEntry } from './tls-entry.ts'

const ended = Date.UTC(2018, 11, 20, 2, 59, 40, 900)
const connection = { ...loggedConnectionRow, startedAt: ended - 5, endedAt: ended }
const entry = (change: Partial<LoggedConnection> = {}): string =>
  tlsLogEntry(
    { ...connection, ...change },
    {
      balancer: { ...activeBalancerRow(), type: 'network' },
      listeners: new Map(),
      groups: new Map(),
      certificates: new Map([['ab12', 'arn:of:certificate']]),
    },
  )

const ATHENA =
  /^([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) ([^ ]*):([0-9]*) ([-.0-9]*) ([-.0-9]*) ([-0-9]*) ([-0-9]*) ([-0-9]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ?([^ ]*)?( .*)?$/

describe('an entry', () => {
  it('has the documented fields in the documented order', () => {
    expect(entry()).toBe(
      'tls 2.0 2018-12-20T02:59:40 net/web/0123456789abcdef g3d4b5e8bb8464cd 72.21.218.154:51341 172.100.100.185:443 5 2 98 246 - ' +
        'arn:of:certificate - ECDHE-RSA-AES128-SHA tlsv12 - db.example.com h2 - - 2018-12-20T02:59:40',
    )
    expect(ATHENA.exec(entry())?.slice(1, 8)).toEqual([
      'tls',
      '2.0',
      '2018-12-20T02:59:40',
      'net/web/0123456789abcdef',
      'g3d4b5e8bb8464cd',
      '72.21.218.154',
      '51341',
    ])
  })

  it.each<[what: string, change: Partial<LoggedConnection>, field: number, value: string]>([
    ['TLS 1.3', { tlsProtocol: 'TLSv1.3' }, 15, 'tlsv13'],
    ['no server name', { serverName: undefined }, 17, '-'],
    ['no protocol agreed on', { alpn: undefined }, 18, '-'],
    ['a protocol with a slash', { alpn: 'http/1.1' }, 18, 'http/1.1'],
    ['an unknown certificate', { certificateSha1: 'ffff' }, 12, '-'],
    ['a name that is like our own line', { serverName: 'a b "\n%\xff' }, 17, 'a%20b%20%22%0A%25%FF'],
    ['a cipher of nothing', { cipher: undefined, tlsProtocol: undefined }, 15, '-'],
  ])('%s', (_what, change, field, value) => {
    const words = entry(change).split(' ')
    expect(words).toHaveLength(22)
    expect(words[field]).toBe(value)
  })
})
