// What a call asks of a listener: protocol, certificate, policy; refused where AWS would.
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html)

import type { Certificate, MutualAuthenticationAttributes } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { CertificateArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import {
  ALPNPolicyNotSupported,
  InvalidConfigurationRequest,
  TooManyCertificates,
  UnsupportedProtocol,
  validationError,
} from '../errors.ts'
import { checkedCertificateArn } from './arns.ts'
import type { ListenerProtocol, ListenerSpec } from './listener.ts'
import type { LoadBalancerType } from './load-balancer.ts'
import { DEFAULT_SECURITY_POLICY, sslPolicyNamed } from './ssl-policy.ts'

const PROTOCOLS: Readonly<Record<LoadBalancerType, readonly ListenerProtocol[]>> = {
  application: ['HTTPS', 'HTTP'],
  network: ['UDP', 'TCP', 'TCP_UDP', 'TLS'],
}
const ALPN_POLICIES = ['HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred', 'None']

/** What a call says of how a listener speaks. */
export interface SpeechInput {
  readonly Protocol?: string | undefined
  readonly Port?: number | undefined
  readonly SslPolicy?: string | undefined
  readonly Certificates?: readonly Certificate[] | undefined
  readonly AlpnPolicy?: readonly string[] | undefined
  readonly MutualAuthentication?: MutualAuthenticationAttributes | undefined
}

export type Speech = Omit<ListenerSpec, 'defaultActions' | 'attributes'>

const requestedProtocol = (text: string | undefined, type: LoadBalancerType): ListenerProtocol => {
  if (text === undefined) throw validationError('A listener protocol must be specified')
  const found = PROTOCOLS[type].find((one) => one === text)
  if (found !== undefined) return found
  // QUIC and GENEVE are protocols of load balancers that do not exist here.
  if (['GENEVE', 'QUIC', 'TCP_QUIC'].includes(text)) throw UnsupportedProtocol(`Protocol '${text}' is not supported`)
  throw validationError(`Listener protocol '${text}' must be one of '${PROTOCOLS[type].join(', ')}'`)
}

/** The one certificate that a call names. */
const requestedCertificate = (
  certificates: readonly Certificate[] | undefined,
  scope: Scope,
): CertificateArn | undefined => {
  if (certificates === undefined || certificates.length === 0) return undefined
  if (certificates.length > 1) throw TooManyCertificates('You can specify one certificate only')
  return requestedCertificates(certificates, scope)[0]
}

const requestedAlpn = (policies: readonly string[] | undefined, protocol: ListenerProtocol): string | undefined => {
  const [policy, ...others] = policies ?? []
  if (policy === undefined) return undefined
  if (protocol !== 'TLS') throw validationError('An ALPN policy can be specified for TLS listeners only')
  if (others.length > 0 || !ALPN_POLICIES.includes(policy)) {
    throw ALPNPolicyNotSupported(`The ALPN policy '${policies?.join(', ')}' is not supported`)
  }
  return policy
}

const checkMutual = (wish: MutualAuthenticationAttributes | undefined): void => {
  if (wish?.Mode === undefined || wish.Mode === 'off') return
  throw InvalidConfigurationRequest(`Mutual authentication mode '${wish.Mode}' is not supported`)
}

const checkUnencrypted = (input: SpeechInput, protocol: ListenerProtocol): void => {
  if ((input.Certificates ?? []).length > 0) {
    throw validationError(`A certificate cannot be specified for ${protocol} listeners`)
  }
  if ((input.SslPolicy ?? '') !== '') {
    throw validationError(`An SSL policy cannot be specified for ${protocol} listeners`)
  }
}

/** How a listener is to speak; `before`: how it did. A change away from TLS takes the certificates with it. */
export const requestedSpeech = (
  input: SpeechInput,
  of: { readonly type: LoadBalancerType; readonly scope: Scope; readonly before?: Speech },
): Speech => {
  const { before } = of
  const protocol = requestedProtocol(input.Protocol ?? before?.protocol, of.type)
  const port = input.Port ?? before?.port
  if (port === undefined) throw validationError('A listener port must be specified')
  checkMutual(input.MutualAuthentication)
  const alpnPolicy = requestedAlpn(input.AlpnPolicy, protocol) ?? (protocol === 'TLS' ? before?.alpnPolicy : undefined)
  const plain = { protocol, port, certificateArns: [], ...(alpnPolicy === undefined ? {} : { alpnPolicy }) }
  if (protocol !== 'HTTPS' && protocol !== 'TLS') {
    checkUnencrypted(input, protocol)
    return plain
  }
  const certificate = requestedCertificate(input.Certificates, of.scope) ?? before?.defaultCertificateArn
  if (certificate === undefined) throw validationError(`A certificate must be specified for ${protocol} listeners`)
  return {
    ...plain,
    defaultCertificateArn: certificate,
    certificateArns: (before?.certificateArns ?? []).filter((arn) => arn !== certificate),
    sslPolicy: sslPolicyNamed(input.SslPolicy || (before?.sslPolicy ?? DEFAULT_SECURITY_POLICY)).name,
  }
}

/** Certificates that are added to a listener or taken from it. */
export const requestedCertificates = (certificates: readonly Certificate[], scope: Scope): CertificateArn[] => {
  if (certificates.length === 0) throw validationError('A certificate must be specified')
  return certificates.map(({ CertificateArn: arn, IsDefault }) => {
    if (IsDefault !== undefined) throw validationError('You cannot specify whether the certificate is the default one')
    if (arn === undefined) throw validationError('A certificate ARN must be specified')
    return checkedCertificateArn(arn, scope)
  })
}
