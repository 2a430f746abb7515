// The event store on a thread of its own: telling what happened never holds up what happens.

import { silentLog } from '#base/log.ts'
import { openStoreThread } from '../../thread/near.ts'
import type { EventStore } from '../event-store.ts'
import type { SqliteEventStoreOptions } from '../sqlite/sqlite-event-store.ts'

/** As openSqliteEventStore, with the same Faults; should the thread ever end, all later calls reject with 'failed'. */
export const openThreadEventStore = async ({
  folder,
  log = silentLog,
}: SqliteEventStoreOptions): Promise<EventStore> => {
  const program = new URL('./event-thread.ts', import.meta.url)
  const thread = await openStoreThread(program, { folder, what: 'event store', log })
  const call = (method: keyof EventStore, args: readonly unknown[]): Promise<never> => thread.call(method, args)
  return {
    append: (...args) => call('append', args),
    read: (...args) => call('read', args),
    lastNumber: (...args) => call('lastNumber', args),
    versions: (...args) => call('versions', args),
    forget: (...args) => call('forget', args),
    expire: (...args) => call('expire', args),
    close: () => thread.close(),
  }
}
