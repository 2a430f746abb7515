// Goal: an entry of a connection log is what AWS documents. Method: requests as a load balancer tells of them, and the
// regular expression by which AWS has Athena read these logs.

import { expect, it } from 'vitest'
import { loggedRequestRow } from '#test/balancer/rows.ts'
import { connectionLogEntry, firstRequests } from './connection-entry.ts'
import { KNOWN_CONNECTIONS } from './limits.ts'

const ATHENA =
  /^([^ ]*) ([^ ]*) ([0-9]*) ([0-9]*) ([A-Za-z0-9.-]*) ([^ ]*) ([-.0-9]*) "([^"]*)" ([^ ]*) ([^ ]*) ([^ ]*) ?([^ ]*)?( .*)?$/
const first = { ...loggedRequestRow, connectedAt: Date.UTC(2023, 9, 4, 17, 5, 15, 514) }
const TRACE = `TID_${first.connection}`

it.each([
  ['plain', first, `2023-10-04T17:05:15.514000Z 192.168.131.39 2817 80 - - - "-" - - - ${TRACE}`],
  [
    'by TLS',
    {
      ...first,
      port: 443,
      tlsProtocol: 'TLSv1.2',
      cipher: 'ECDHE-RSA-AES128-GCM-SHA256',
      handshakeMilliseconds: 4036,
    },
    `2023-10-04T17:05:15.514000Z 192.168.131.39 2817 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 "-" - - Success ${TRACE}`,
  ],
])('%s', (_what, request, entry) => {
  expect(connectionLogEntry(request)).toBe(entry)
  expect(entry).toMatch(ATHENA)
})

it('a connection is known as long as it is used, and beyond that for as many others', () => {
  const firstOf = firstRequests()
  const by = (connection: string) => ({ ...first, connection })
  expect(firstOf([by('a'), by('a'), by('b')]).map(({ id }) => id)).toEqual(['a', 'b'])
  const others = Array.from({ length: KNOWN_CONNECTIONS - 1 }, (_, index) => by(`c${index}`))
  expect(firstOf([by('a'), ...others])).toHaveLength(others.length)
  expect(firstOf([by('a'), by('b')]).map(({ id }) => id)).toEqual(['b'])
})
