// The metric store on a thread of its own: measuring never holds up what is measured.

import { silentLog } from '#base/log.ts'
import { openStoreThread } from '../../thread/near.ts'
import type { MetricStore } from '../metric-store.ts'
import type { SqliteMetricStoreOptions } from '../sqlite/sqlite-metric-store.ts'

/** As openSqliteMetricStore, with the same Faults; should the thread ever end, all later calls reject with 'failed'. */
export const openThreadMetricStore = async ({
  folder,
  log = silentLog,
}: SqliteMetricStoreOptions): Promise<MetricStore> => {
  const program = new URL('./metric-thread.ts', import.meta.url)
  const thread = await openStoreThread(program, { folder, what: 'metric store', log })
  const call = (method: keyof MetricStore, args: readonly unknown[]): Promise<never> => thread.call(method, args)
  return {
    append: (...args) => call('append', args),
    marks: (...args) => call('marks', args),
    list: (...args) => call('list', args),
    read: (...args) => call('read', args),
    expire: (...args) => call('expire', args),
    close: () => thread.close(),
  }
}
