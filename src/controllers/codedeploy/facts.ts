// Everything that a decision about one deployment may look at. Types only.

import type { DeploymentRecord } from '#apis/codedeploy/model/deployment.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskSetRecord } from '#apis/ecs/model/task-set.ts'
import type { AlarmReadings } from '#controllers/service/seams.ts'
import type { Route } from './traffic.ts'

export interface Facts {
  readonly deployment: DeploymentRecord
  /** Undefined when it is not there or not ACTIVE any more. */
  readonly service?: ServiceRecord
  readonly taskSets: readonly TaskSetRecord[]
  /** Undefined when there is no such listener any more. */
  readonly production?: Route
  readonly test?: Route
  readonly alarms: AlarmReadings
  /** Hooks that could not be invoked, by execution, and why. */
  readonly failedHooks: ReadonlyMap<string, string>
  readonly now: Date
}
