// Imports one image into a store and ends; the test that starts it kills it on the way.

import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { systemRandom } from '#base/random.ts'
import { openImageStore } from './image-store.ts'
import { tarOf, type TarFile } from './tar-writer.ts'
import { builtImage, inPieces, layoutOf } from './test-image.ts'

const [data = '', round = ''] = process.argv.slice(2)

const layer = (name: string): Buffer =>
  tarOf([
    { path: 'many/', kind: 'directory' },
    ...Array.from({ length: 400 }, (_, at): TarFile => ({ path: `many/${at}`, content: `${name} ${at}` })),
    { path: 'last', content: 'the end' },
  ])

const archive = layoutOf({
  [`x.test/round:${round}`]: builtImage({ tars: [layer('shared'), layer(`round ${round}`)] }),
})
const store = await openImageStore({
  data,
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  layers: 'directory',
  architecture: 'amd64',
})
process.stdout.write('importing\n')
await store.import(inPieces(archive))
await store.close()
