// neargate env: prints the exports that point the AWS CLI and SDKs at this instance.

import { join } from 'node:path'
import type { Command } from '../command.ts'
import { rootCredentials, runningServer } from '../instance.ts'

export const env: Command = {
  name: 'env',
  usage: 'env [--data DIR] [--port N]',
  summary: 'Print exports for the AWS CLI and SDKs: eval "$(neargate env)".',
  options: {},
  run: async ({ config, output }) => {
    const credentials = rootCredentials(config)
    const variables = {
      AWS_ENDPOINT_URL: runningServer(config)?.endpoint ?? `http://${config.host}:${config.port}`,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: config.region,
      AWS_DEFAULT_REGION: config.region,
      AWS_CONFIG_FILE: join(config.dataDir, 'aws/config'),
      AWS_SHARED_CREDENTIALS_FILE: join(config.dataDir, 'aws/credentials'),
      // Clients would otherwise look up "data-127.0.0.1" and the like for a few operations.
      AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
    }
    const quoted = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`
    output.result(
      [
        'unset AWS_PROFILE AWS_SESSION_TOKEN',
        ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
      ].join('\n'),
      variables,
    )
    return 0
  },
}
