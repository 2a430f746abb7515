// Lists certificates, newest first unless the call says otherwise.

import type { ListCertificatesRequest, ListCertificatesResponse } from '@aws-sdk/client-acm'
import type { Operation } from '#aws/operation.ts'
import { pageOf, readPageToken } from '#aws/pages.ts'
import { loadBalancersWithCertificate } from '../../elbv2/tables.ts'
import { ValidationException } from '../errors.ts'
import { type CertificateRecord, summarizeCertificate } from '../model/certificate.ts'
import { PAGE_ITEMS } from '../model/limits.ts'
import { certificatesOfScope } from '../tables.ts'

type Input = Parameters<typeof listCertificates>[0]

/** Without a word about keys, AWS lists these only
 * (https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html). */
const DEFAULT_KEY_TYPES = ['RSA_1024', 'RSA_2048']

const isIncluded = ({ type, facts }: CertificateRecord, { Includes = {} }: Input): boolean => {
  const { keyTypes, keyUsage = [], extendedKeyUsage = [], exportOption, managedBy } = Includes
  if (!(keyTypes ?? DEFAULT_KEY_TYPES).includes(facts.keyAlgorithm)) return false
  if (exportOption === 'ENABLED' || managedBy !== undefined) return false
  const isOurs = type === 'AMAZON_ISSUED'
  const usages = ['DIGITAL_SIGNATURE', 'KEY_ENCIPHERMENT']
  const purposes = ['TLS_WEB_SERVER_AUTHENTICATION', 'TLS_WEB_CLIENT_AUTHENTICATION']
  return (
    keyUsage.every((usage) => isOurs && usages.includes(usage)) &&
    extendedKeyUsage.every((purpose) => isOurs && purposes.includes(purpose))
  )
}

export const listCertificates: Operation<ListCertificatesRequest, ListCertificatesResponse> = async (input, call) =>
  call.store.read(async (reader) => {
    const { CertificateStatuses, Includes, NextToken, MaxItems = PAGE_ITEMS, SortOrder } = input
    const request = ['ListCertificates', call.scope, CertificateStatuses, Includes, SortOrder]
    const after = NextToken === undefined ? undefined : readPageToken(request, NextToken)
    if (NextToken !== undefined && after === undefined) throw ValidationException('The next token is not valid.')
    const now = call.clock.now().toISOString()
    const shown = await Promise.all(
      (await certificatesOfScope(reader, call.scope))
        .filter((row) => isIncluded(row, input))
        .map(async (row) => ({
          key: `${row.createdAt} ${row.arn}`,
          summary: summarizeCertificate(row, (await loadBalancersWithCertificate(reader, row.arn)).length > 0, now),
        })),
    )
    const { items, nextToken } = pageOf(
      shown.filter(({ summary }) => CertificateStatuses?.includes(summary.Status ?? 'ISSUED') ?? true),
      { request, limit: MaxItems, keyOf: ({ key }) => key, after, descending: SortOrder !== 'ASCENDING' },
    )
    return {
      CertificateSummaryList: items.map(({ summary }) => summary),
      ...(nextToken === undefined ? {} : { NextToken: nextToken }),
    }
  })
