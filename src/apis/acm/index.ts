// The door of Certificate Manager: certificates for load balancers.

import type * as sdk from '@aws-sdk/client-acm'
import { api } from '#aws/operation.ts'
import { addTagsToCertificate } from './operations/add-tags-to-certificate.ts'
import { deleteCertificate } from './operations/delete-certificate.ts'
import { describeCertificate } from './operations/describe-certificate.ts'
import { getCertificate } from './operations/get-certificate.ts'
import { importCertificate } from './operations/import-certificate.ts'
import { listCertificates } from './operations/list-certificates.ts'
import { listTagsForCertificate } from './operations/list-tags-for-certificate.ts'
import { removeTagsFromCertificate } from './operations/remove-tags-from-certificate.ts'
import { renewCertificate } from './operations/renew-certificate.ts'
import { requestCertificate } from './operations/request-certificate.ts'
import { updateCertificateOptions } from './operations/update-certificate-options.ts'

export const acm = api<typeof sdk>('acm', {
  AddTagsToCertificate: addTagsToCertificate,
  DeleteCertificate: deleteCertificate,
  DescribeCertificate: describeCertificate,
  GetCertificate: getCertificate,
  ImportCertificate: importCertificate,
  ListCertificates: listCertificates,
  ListTagsForCertificate: listTagsForCertificate,
  RemoveTagsFromCertificate: removeTagsFromCertificate,
  RenewCertificate: renewCertificate,
  RequestCertificate: requestCertificate,
  UpdateCertificateOptions: updateCertificateOptions,
})
