// The commands there are; one line each.

import type { Command } from '../command.ts'
import { ca } from './ca.ts'
import { doctor } from './doctor.ts'
import { down } from './down.ts'
import { env } from './env.ts'
import { explainPath } from './explain-path.ts'
import { events } from './events.ts'
import { imagesImport, imagesList, imagesRemove } from './images.ts'
import { logs } from './logs.ts'
import { metrics } from './metrics.ts'
import { spotInterrupt } from './spot.ts'
import { status } from './status.ts'
import { up } from './up.ts'
import { url } from './url.ts'
import { why } from './why.ts'

export const COMMANDS: readonly Command[] = [
  up,
  down,
  status,
  env,
  ca,
  doctor,
  imagesImport,
  imagesList,
  imagesRemove,
  logs,
  events,
  metrics,
  why,
  spotInterrupt,
  explainPath,
  url,
]
