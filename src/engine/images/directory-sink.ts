// Where a layer goes on hosts that cannot mount EROFS files: a directory, filled slice by slice.

import { scheduler } from 'node:timers/promises'
import { DirectoryLayer } from './directory-layer.ts'
import { ENTRIES_PER_SLICE, type LayerLimits } from './limits.ts'
import { TarReader } from './tar-reader.ts'
import type { LayerSink } from './unpack-layer.ts'

/** `rootPath` becomes the layer; `replacedPath` is scrap beside it. Both exist and are empty. */
export const directorySink = (rootPath: string, replacedPath: string, limits: LayerLimits): LayerSink => {
  const reader = new TarReader(limits)
  const layer = new DirectoryLayer(rootPath, replacedPath)
  let events = 0
  return {
    write: async (chunk) => {
      for (const event of reader.feed(chunk)) {
        const waiting = layer.handle(event)
        if (waiting !== undefined) await waiting
        // Small files are written synchronously, which is several times as fast; others get their turn in between.
        else if (++events % ENTRIES_PER_SLICE === 0) await scheduler.yield()
      }
    },
    finish: async () => {
      reader.finish()
      return layer.finish()
    },
    close: async () => layer.close(),
  }
}
