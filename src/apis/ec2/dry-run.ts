// DryRun: the operation is carried out in full, and nothing of it remains.

import type { Operation } from '#aws/operation.ts'
import type { Store } from '#store/store.ts'
import { dryRunSucceeded } from './errors.ts'

const ROLL_BACK = Symbol('roll back')

/** Writes are undone before anyone can see them; refusals are thrown as ever. */
const rehearsal = (store: Store): Store => ({
  read: (work) => store.read(work),
  watch: (tables, listener) => store.watch(tables, listener),
  close: () => store.close(),
  write: async (work) => {
    const results: Awaited<ReturnType<typeof work>>[] = []
    try {
      return await store.write(async (tx) => {
        results.push(await work(tx))
        throw ROLL_BACK
      })
    } catch (error) {
      if (error !== ROLL_BACK) throw error
      return results[0]!
    }
  },
})

type AnyOperation = Operation<{ DryRun?: boolean | undefined }, unknown>

const rehearsable =
  (operation: AnyOperation): AnyOperation =>
  async (input, call) => {
    if (input.DryRun !== true) return operation(input, call)
    await operation(input, { ...call, store: rehearsal(call.store) })
    throw dryRunSucceeded()
  }

/** The same operations, each of which honours DryRun. */
export const withDryRun = <Table extends object>(operations: Table): Table =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [name, rehearsable(operation as AnyOperation)]),
  ) as Table
