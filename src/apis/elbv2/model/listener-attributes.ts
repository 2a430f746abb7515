// The attributes of listeners.
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html)

import { type AttributeKind, attributesWithDefaults, BOOLEAN, changedAttributes, numberFrom } from './attribute.ts'
import type { ListenerRecord } from './listener.ts'

type Of = Pick<ListenerRecord['spec'], 'protocol'>

const isHttps = ({ protocol }: Of): boolean => protocol === 'HTTPS'
const isHttp = (of: Of): boolean => of.protocol === 'HTTP' || isHttps(of)

/** RFC 9110's token: a name that a request or response header may have. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VISIBLE = /^[\x20-\x7e]*$/
const NAME_CHARACTERS = 40
const VALUE_CHARACTERS = 1024

const requestHeader = (name: string, standsFor: string): AttributeKind<Of> => ({
  key: `routing.http.request.${name}.header_name`,
  values: { kind: 'text', longest: NAME_CHARACTERS, pattern: HEADER_NAME },
  default: standsFor,
  appliesTo: isHttps,
})

const responseHeader = (name: string): AttributeKind<Of> => ({
  key: `routing.http.response.${name}.header_value`,
  values: { kind: 'text', longest: VALUE_CHARACTERS, pattern: VISIBLE },
  default: '',
  appliesTo: isHttp,
})

export const LISTENER_ATTRIBUTES: readonly AttributeKind<Of>[] = [
  {
    key: 'tcp.idle_timeout.seconds',
    values: numberFrom(60, 6000),
    default: '350',
    appliesTo: ({ protocol }) => protocol === 'TCP' || protocol === 'TCP_UDP',
  },
  requestHeader('x_amzn_mtls_clientcert_serial_number', 'X-Amzn-Mtls-Clientcert-Serial-Number'),
  requestHeader('x_amzn_mtls_clientcert_issuer', 'X-Amzn-Mtls-Clientcert-Issuer'),
  requestHeader('x_amzn_mtls_clientcert_subject', 'X-Amzn-Mtls-Clientcert-Subject'),
  requestHeader('x_amzn_mtls_clientcert_validity', 'X-Amzn-Mtls-Clientcert-Validity'),
  requestHeader('x_amzn_mtls_clientcert_leaf', 'X-Amzn-Mtls-Clientcert-Leaf'),
  requestHeader('x_amzn_mtls_clientcert', 'X-Amzn-Mtls-Clientcert'),
  requestHeader('x_amzn_tls_version', 'X-Amzn-Tls-Version'),
  requestHeader('x_amzn_tls_cipher_suite', 'X-Amzn-Tls-Cipher-Suite'),
  { key: 'routing.http.response.server.enabled', values: BOOLEAN, default: 'true', appliesTo: isHttp },
  responseHeader('strict_transport_security'),
  responseHeader('access_control_allow_origin'),
  responseHeader('access_control_allow_methods'),
  responseHeader('access_control_allow_headers'),
  responseHeader('access_control_allow_credentials'),
  responseHeader('access_control_expose_headers'),
  responseHeader('access_control_max_age'),
  responseHeader('content_security_policy'),
  responseHeader('x_content_type_options'),
  responseHeader('x_frame_options'),
]

/** All attributes of this listener, set or by default. */
export const listenerAttributes = (listener: ListenerRecord): ReadonlyMap<string, string> =>
  attributesWithDefaults(LISTENER_ATTRIBUTES, listener.spec, listener.spec.attributes)

/** The listener with these attributes changed. */
export const withListenerAttributes = (
  listener: ListenerRecord,
  changes: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): ListenerRecord => {
  const { spec } = listener
  const attributes = changedAttributes(LISTENER_ATTRIBUTES, spec, spec.attributes, changes, 'Listener')
  return { ...listener, spec: { ...spec, attributes } }
}
