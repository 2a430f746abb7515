// What a test of Terraform stands on: an instance of its own, Terraform against it, and the commands that such tests run.

import { afterAll, beforeAll, expect } from 'vitest'
import { type Instance, startInstance } from './instance.ts'
import { type Terraform, terraform } from './terraform.ts'

/** The default VPC and its subnets, for configurations to name. */
export const DEFAULT_NETWORK = `
data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}
`

export interface Terraformed {
  readonly instance: Instance
  /** `terraform apply` of that configuration; answers what it printed. */
  readonly apply: (configuration: string) => Promise<string>
  /** Fails when Terraform, asked again, finds anything to change. */
  readonly expectNoChange: () => Promise<void>
  readonly destroy: () => Promise<string>
}

/** Made before the file's tests and gone after them; most of the time Terraform waits in pauses of its own. */
export const terraformed = (timeoutMs: number): Terraformed => {
  let instance: Instance | undefined
  let tool: Terraform | undefined
  beforeAll(async () => {
    instance = await startInstance()
    tool = await terraform(instance)
  }, timeoutMs)
  afterAll(async () => {
    tool?.remove()
    await instance?.down()
  })
  return {
    get instance() {
      return instance!
    },
    apply: (configuration) => {
      tool!.write(configuration)
      return tool!.well('apply', '-auto-approve', '-lock=false')
    },
    expectNoChange: async () => {
      // 0 is "nothing to change", 2 would be "there is".
      const plan = await tool!.run('plan', '-detailed-exitcode', '-lock=false')
      expect(plan, plan.stdout).toMatchObject({ exitCode: 0, stderr: '' })
    },
    destroy: () => tool!.well('destroy', '-auto-approve', '-lock=false'),
  }
}
