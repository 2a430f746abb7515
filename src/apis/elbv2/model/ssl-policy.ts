// Security policies: which versions of TLS and which ciphers a listener speaks.
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html)

import type { SslPolicy } from '@aws-sdk/client-elastic-load-balancing-v2'
import { SSLPolicyNotFound } from '../errors.ts'

export interface SecurityPolicy {
  readonly name: string
  /** e.g. "TLSv1.2", newest first. */
  readonly protocols: readonly string[]
  /** OpenSSL's names; the first is preferred. */
  readonly ciphers: readonly string[]
}

const TLS13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
const FORWARD_GCM = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
]
const FORWARD_SHA2 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
]
const FORWARD = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES256-SHA',
]
const RSA_SHA2 = ['AES128-GCM-SHA256', 'AES128-SHA256', 'AES256-GCM-SHA384', 'AES256-SHA256']
const RSA = ['AES128-GCM-SHA256', 'AES128-SHA256', 'AES128-SHA', 'AES256-GCM-SHA384', 'AES256-SHA256', 'AES256-SHA']

const FROM_1_2 = ['TLSv1.2']
const FROM_1_1 = ['TLSv1.2', 'TLSv1.1']
const FROM_1_0 = ['TLSv1.2', 'TLSv1.1', 'TLSv1']

const policy = (name: string, protocols: readonly string[], ...ciphers: (readonly string[])[]): SecurityPolicy => ({
  name: `ELBSecurityPolicy-${name}`,
  protocols,
  ciphers: ciphers.flat(),
})
const with13 = (protocols: readonly string[]): string[] => ['TLSv1.3', ...protocols]

export const SECURITY_POLICIES: readonly SecurityPolicy[] = [
  policy('2016-08', FROM_1_0, FORWARD, RSA),
  policy('TLS13-1-2-2021-06', with13(FROM_1_2), TLS13, FORWARD_SHA2),
  policy('TLS13-1-2-Res-2021-06', with13(FROM_1_2), TLS13, FORWARD_GCM),
  policy('TLS13-1-2-Ext1-2021-06', with13(FROM_1_2), TLS13, FORWARD_SHA2, RSA_SHA2),
  policy('TLS13-1-2-Ext2-2021-06', with13(FROM_1_2), TLS13, FORWARD, RSA),
  policy('TLS13-1-1-2021-06', with13(FROM_1_1), TLS13, FORWARD, RSA),
  policy('TLS13-1-0-2021-06', with13(FROM_1_0), TLS13, FORWARD, RSA),
  policy('TLS13-1-3-2021-06', with13([]), TLS13),
  policy('TLS-1-2-2017-01', FROM_1_2, FORWARD_SHA2, RSA_SHA2),
  policy('TLS-1-1-2017-01', FROM_1_1, FORWARD, RSA),
  policy('TLS-1-2-Ext-2018-06', FROM_1_2, FORWARD, RSA),
  policy('FS-2018-06', FROM_1_0, FORWARD),
  policy('2015-05', FROM_1_0, FORWARD, RSA),
  policy('TLS-1-0-2015-04', FROM_1_0, FORWARD, RSA, ['DES-CBC3-SHA']),
  policy('FS-1-2-Res-2019-08', FROM_1_2, FORWARD_SHA2),
  policy('FS-1-1-2019-08', FROM_1_1, FORWARD),
  policy('FS-1-2-2019-08', FROM_1_2, FORWARD),
  policy('FS-1-2-Res-2020-10', FROM_1_2, FORWARD_GCM),
]

/** Of a listener for which no call names one. */
export const DEFAULT_SECURITY_POLICY = 'ELBSecurityPolicy-2016-08'

export const sslPolicyNamed = (name: string): SecurityPolicy => {
  const found = SECURITY_POLICIES.find((each) => each.name === name)
  if (found === undefined) throw SSLPolicyNotFound(`SSL policy '${name}' not found`)
  return found
}

export const describeSslPolicy = ({ name, protocols, ciphers }: SecurityPolicy): SslPolicy => ({
  Name: name,
  SslProtocols: [...protocols],
  Ciphers: ciphers.map((cipher, index) => ({ Name: cipher, Priority: index + 1 })),
  SupportedLoadBalancerTypes: ['application', 'network'],
})
