// Issues certificates in the name of the instance's own authority.

import { createHash, X509Certificate } from 'node:crypto'
import type { KeyAlgorithm } from '@aws-sdk/client-acm'
import type { CertificateArn } from '#aws/arn.ts'
import type { Call } from '#aws/operation.ts'
import type { Scope } from '#aws/scope.ts'
import { factsOf, keyText, newKeyPair } from './material.ts'
import type { CertificateRecord, NameValidation } from './model/certificate.ts'
import { VALIDITY_DAYS } from './model/limits.ts'

type Issued = Pick<CertificateRecord, 'facts' | 'body' | 'chain' | 'sealedKey' | 'issuedAt'>

/** A new key and a certificate for it; the key is sealed for this ARN before anyone else sees it. */
export const issued = async (
  call: Call,
  arn: CertificateArn,
  names: readonly string[],
  algorithm: KeyAlgorithm,
): Promise<Issued> => {
  const { publicKey, privateKey } = await newKeyPair(algorithm)
  const body = call.authority.issue(publicKey, names, VALIDITY_DAYS)
  return {
    facts: factsOf(new X509Certificate(body)),
    body,
    chain: call.authority.rootPem,
    sealedKey: call.vault.seal(keyText(privateKey), arn),
    issuedAt: call.clock.now().toISOString(),
  }
}

const digest = (...parts: readonly string[]): string => createHash('sha256').update(parts.join('\n')).digest('hex')

/** The same for an account and name every time, and for "*.example.com" the same as for "example.com", as AWS does. */
const dnsRecord = (scope: Scope, name: string): Pick<NameValidation, 'recordName' | 'recordValue'> => {
  const base = name.replace(/^\*\./, '')
  const token = digest('name', scope.account, base)
  const value = digest('value', scope.account, base)
  const zone = BigInt(`0x${digest('zone', scope.account, base).slice(0, 16)}`)
    .toString(36)
    .slice(0, 10)
  return {
    recordName: `_${token.slice(0, 32)}.${base}.`,
    recordValue: `_${value.slice(0, 32)}.${zone}.acm-validations.aws.`,
  }
}

export const validationOf = (
  scope: Scope,
  name: string,
  method: 'DNS' | 'EMAIL',
  validationDomain: string | undefined,
): NameValidation => ({
  name,
  method,
  ...(method === 'DNS' ? dnsRecord(scope, name) : { validationDomain: validationDomain ?? name.replace(/^\*\./, '') }),
})
