// Pulls one image into a store and ends; the test that starts it kills it on the way.

import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { systemRandom } from '#base/random.ts'
import { openImageStore } from './image-store.ts'

const [data = '', reference = ''] = process.argv.slice(2)

const store = await openImageStore({
  data,
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  layers: 'directory',
  architecture: 'amd64',
})
process.stdout.write('pulling\n')
await store.pull(reference)
await store.close()
