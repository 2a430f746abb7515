// neargate ca: prints the root certificate of the instance's authority, for those who want to trust what it issues.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rootCertificatePath } from '#base/x509/authority.ts'
import { CliError, type Command } from '../command.ts'

const rootOf = (dataDir: string): string => {
  try {
    return readFileSync(rootCertificatePath(dataDir), 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new CliError(`${dataDir} holds no instance yet. Start one with: neargate up --data ${dataDir}`)
  }
}

export const ca: Command = {
  name: 'ca',
  usage: 'ca [--data DIR] > neargate-root.pem',
  summary: 'Print the certificate of the authority that issues what ACM is asked for.',
  options: {},
  run: async ({ config, output }) => {
    const certificate = rootOf(config.dataDir)
    const { subject, validTo, fingerprint256 } = new X509Certificate(certificate)
    output.result(certificate.trimEnd(), {
      certificate,
      path: rootCertificatePath(config.dataDir),
      subject,
      validTo,
      fingerprint256,
    })
    return 0
  },
}
