// What the network was last told, kept beside what it made, so that a restarted server needs no one to tell it again.
// Written before the kernel is touched and removed after it is clean: a crash leaves too much, never too little.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InterfacePlan, VpcPlan } from '../network.ts'

type Kind = 'vpcs' | 'interfaces'
interface Plans {
  readonly vpcs: VpcPlan
  readonly interfaces: InterfacePlan
}

/** A server of an older version wrote subnets without routes: they have none until the VPC is applied again. */
const completed = <Plan extends VpcPlan | InterfacePlan>(plan: Plan): Plan =>
  'subnets' in plan
    ? { ...plan, subnets: plan.subnets.map((subnet) => ({ ...subnet, routes: subnet.routes ?? [] })) }
    : plan

export class Records {
  readonly #directory: string

  /** Below a run-time directory: what it says must not outlive the kernel's memory. */
  constructor(runDir: string) {
    this.#directory = join(runDir, 'network')
    for (const kind of ['vpcs', 'interfaces']) mkdirSync(join(this.#directory, kind), { recursive: true, mode: 0o700 })
  }

  /** Whole or not at all, whenever this process dies. */
  put<K extends Kind>(kind: K, plan: Plans[K]): void {
    const path = this.#path(kind, plan.id)
    const text = JSON.stringify(plan)
    try {
      // Dying between these two calls leaves an empty file: a record of something that was never begun.
      writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      writeFileSync(`${path}.new`, text, { mode: 0o600 })
      renameSync(`${path}.new`, path)
    }
  }

  remove(kind: Kind, id: string): void {
    rmSync(this.#path(kind, id), { force: true })
  }

  all<K extends Kind>(kind: K): Plans[K][] {
    return readdirSync(join(this.#directory, kind))
      .filter((name) => name.endsWith('.json'))
      .map((name) => readFileSync(join(this.#directory, kind, name), 'utf8'))
      .filter((text) => text !== '')
      .map((text) => completed(JSON.parse(text) as Plans[K]))
  }

  #path(kind: Kind, id: string): string {
    return join(this.#directory, kind, `${id}.json`)
  }
}
