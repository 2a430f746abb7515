// The log store on a thread of its own: a slow disk or a large batch never holds up the control plane's event loop.

import { silentLog } from '#base/log.ts'
import { openStoreThread } from '../../thread/near.ts'
import type { LogStore } from '../log-store.ts'
import type { SqliteLogStoreOptions } from '../sqlite/sqlite-log-store.ts'

/** As openSqliteLogStore, with the same Faults; should the thread ever end, all later calls reject with 'failed'. */
export const openThreadLogStore = async ({ folder, log = silentLog }: SqliteLogStoreOptions): Promise<LogStore> => {
  const thread = await openStoreThread(new URL('./log-thread.ts', import.meta.url), { folder, what: 'log store', log })
  const call = (method: keyof LogStore, args: readonly unknown[]): Promise<never> => thread.call(method, args)
  return {
    append: (...args) => call('append', args),
    position: (...args) => call('position', args),
    read: (...args) => call('read', args),
    facts: (...args) => call('facts', args),
    groupBytes: (...args) => call('groupBytes', args),
    deleteStream: (...args) => call('deleteStream', args),
    expire: (...args) => call('expire', args),
    close: () => thread.close(),
  }
}
