// The tables of Certificate Manager, and the only questions anyone may ask of them.

import type { CertificateArn } from '#aws/arn.ts'
import { type Scope, scopeKey } from '#aws/scope.ts'
import { type Reader, table } from '#store/store.ts'
import { ResourceNotFoundException } from './errors.ts'
import type { CertificateRecord } from './model/certificate.ts'

export const certificates = table<CertificateRecord>({
  name: 'acm.certificates',
  key: (row) => row.arn,
  indexes: { scope: (row) => [scopeKey(row.scope)] },
})

/** Undefined when there is none. Whoever shows it to clients opens `sealedKey` with the vault, for this ARN. */
export const certificateByArn = (reader: Reader, arn: CertificateArn): Promise<CertificateRecord | undefined> =>
  reader.get(certificates, arn)

export const certificatesOfScope = (reader: Reader, scope: Scope): Promise<CertificateRecord[]> =>
  reader.list(certificates, { index: 'scope', value: scopeKey(scope) })

/** Another account's or region's is as good as none. */
export const existingCertificate = async (reader: Reader, scope: Scope, arn: string): Promise<CertificateRecord> => {
  const row = await reader.get(certificates, arn)
  if (row === undefined || scopeKey(row.scope) !== scopeKey(scope)) {
    throw ResourceNotFoundException(`Could not find certificate ${arn}.`)
  }
  return row
}
