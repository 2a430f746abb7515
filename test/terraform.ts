// Terraform against an instance: finds it and the AWS provider on this machine, and runs it in a folder of its own.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunResult } from '#base/run.ts'
import type { Instance } from '#test/instance.ts'

const PROVIDER = 'registry.terraform.io/hashicorp/aws'

/** Folders below /opt, where software that no package manager owns is put. */
const optional = (): string[] => (existsSync('/opt') ? readdirSync('/opt').map((name) => join('/opt', name)) : [])

/** `filesystem_mirror { path = "…" }` of the CLI configuration. */
const configured = (): string[] => {
  const file = process.env['TF_CLI_CONFIG_FILE'] ?? join(homedir(), '.terraformrc')
  if (!existsSync(file)) return []
  return [...readFileSync(file, 'utf8').matchAll(/^\s*(?:path|plugin_cache_dir)\s*=\s*"([^"]+)"/gm)].map(
    ([, path]) => path ?? '',
  )
}

/** Where providers lie, as Terraform documents: https://developer.hashicorp.com/terraform/cli/config/config-file. */
const candidates = (): string[] =>
  [
    process.env['TF_PLUGIN_DIR'],
    process.env['TF_PLUGIN_CACHE_DIR'],
    ...configured(),
    join(homedir(), '.terraform.d/plugins'),
    join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share'), 'terraform/plugins'),
    '/usr/local/share/terraform/plugins',
    '/usr/share/terraform/plugins',
    ...optional(),
  ].filter((folder) => folder !== undefined)

/** The folder to hand to `terraform init -plugin-dir`. Throws, saying where it looked, when there is none. */
export const pluginFolder = (): string => {
  const found = candidates().find((folder) => existsSync(join(folder, PROVIDER)))
  if (found !== undefined) return found
  throw new Error(
    `Terraform's AWS provider is not on this machine: no ${PROVIDER} below any of ${candidates().join(', ')}. ` +
      'Put it there ("terraform providers mirror FOLDER"), or name the folder in TF_PLUGIN_DIR.',
  )
}

export interface Terraform {
  /** The configuration that the following commands are about. */
  readonly write: (configuration: string) => void
  /** `terraform COMMAND …`; a failure is the caller's to judge. */
  readonly run: (command: string, ...args: string[]) => Promise<RunResult>
  /** The same of a command that has to go well; answers what it printed. */
  readonly well: (command: string, ...args: string[]) => Promise<string>
  readonly remove: () => void
}

const HEADER = `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {}
`

/** Nothing is downloaded, and nothing of the user's configuration is read. */
export const terraform = async (instance: Pick<Instance, 'withAws'>): Promise<Terraform> => {
  const plugins = pluginFolder()
  const folder = mkdtempSync(join(tmpdir(), 'neargate-terraform-'))
  const settings = join(folder, 'cli.tfrc')
  writeFileSync(settings, '')
  const own = [`TF_CLI_CONFIG_FILE=${settings}`, 'TF_IN_AUTOMATION=1', 'CHECKPOINT_DISABLE=1']
  const run = (command: string, ...args: string[]): Promise<RunResult> =>
    instance.withAws('env', ...own, 'terraform', `-chdir=${folder}`, command, ...args, '-no-color', '-input=false')
  writeFileSync(join(folder, 'provider.tf'), HEADER)
  const started = await run('init', `-plugin-dir=${plugins}`)
  if (started.exitCode !== 0) throw new Error(started.stderr)
  return {
    write: (configuration) => writeFileSync(join(folder, 'main.tf'), configuration),
    run,
    well: async (command, ...args) => {
      const { exitCode, stdout, stderr } = await run(command, ...args)
      if (exitCode === 0) return stdout
      throw new Error(`terraform ${command} exited with ${exitCode}: ${stdout.slice(-2000)}${stderr}`)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
