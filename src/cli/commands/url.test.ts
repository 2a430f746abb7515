// Goal: whoever asks where a load balancer answers is told where, or why nowhere.

import { expect, it } from 'vitest'
import { nameText, type Place, placeText } from './url.ts'

const web: Place = {
  name: 'web',
  dnsName: 'web-1234567890.eu-west-1.elb.amazonaws.com',
  scheme: 'internet-facing',
  state: 'active',
  listeners: [],
  urls: [],
  addresses: ['198.18.0.7', '10.0.0.4'],
}
const http = { protocol: 'HTTP', port: 80 }

it.each<[what: string, place: Partial<Place>, text: string]>([
  ['on its way', { state: 'provisioning' }, 'web is not active yet, it is provisioning'],
  ['failed', { state: 'failed', reason: 'no address is free' }, 'web has failed: no address is free'],
  ['without listeners', {}, 'web is active, and has no listeners yet'],
  [
    'internal',
    { scheme: 'internal', listeners: [http], addresses: ['10.0.0.4', '10.0.1.5'] },
    'web is internal: it answers inside its VPC only, as web-1234567890.eu-west-1.elb.amazonaws.com, at 10.0.0.4, 10.0.1.5',
  ],
  [
    'serving',
    {
      listeners: [
        { ...http, url: 'http://127.64.0.1:80' },
        { protocol: 'HTTPS', port: 443, url: 'https://127.64.0.1:443' },
      ],
    },
    'http://127.64.0.1:80\nhttps://127.64.0.1:443',
  ],
  ['for datagrams', { listeners: [{ protocol: 'UDP', port: 53 }] }, 'UDP port 53 answers inside VPCs only'],
])('a load balancer that is %s', (_what, place, text) => {
  expect(placeText({ ...web, ...place })).toBe(text)
})

it('is told by name where its port is ours', () => {
  const listeners = [
    { ...http, url: 'http://127.64.0.1:80', localUrl: 'http://web.eu-west-1.elb.localhost:80' },
    { protocol: 'TCP', port: 5432, url: 'tcp://127.64.0.1:5432' },
    { protocol: 'TCP', port: 22, url: 'tcp://198.18.0.7:22', isTaken: true },
    { protocol: 'UDP', port: 53, url: 'udp://127.64.0.1:53' },
    { protocol: 'UDP', port: 54 },
  ]
  expect(nameText({ ...web, listeners })).toBe(
    'by name: http://web.eu-west-1.elb.localhost:80\nnot by name: another program has port 5432 of 127.0.0.1\nanother program has port 22: this is the public address, as the groups allow',
  )
})
