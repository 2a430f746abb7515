// A whole load balancer as HAProxy's configuration, and the files that it names.

import type { BalancerPlan, GroupPlan, TargetPlan } from '../balancer.ts'
import { FINISH_SECONDS, FIRST_CHECKS_MILLISECONDS, HEADER_BYTES, HEADERS, REWRITE_BYTES, THREADS } from '../limits.ts'
import { backends, checkedName, serverAddress, serverName, slowStart } from './backend.ts'
import { failureFiles } from './failures.ts'
import { frontend, type FrontendPlaces } from './frontend.ts'
import { holdFiles, holdGlobals, holdRing } from './hold.ts'
import { ringLines } from './request-log.ts'
import { errorLines, ownAnswers } from './refusals.ts'

export interface Configuration {
  /** By name: to be written beside each other. */
  readonly files: Readonly<Record<string, string>>
  /** What cannot be changed while it runs: when this differs, HAProxy has to be loaded anew. */
  readonly frame: string
}

export const CONFIGURATION_FILE = 'haproxy.cfg'
export const STATES_FILE = 'states'

export interface Places extends FrontendPlaces {
  /** The socket for commands, on the host. */
  readonly socket: string
  readonly user: { readonly uid: number; readonly gid: number }
  /** An empty folder. */
  readonly jail: string
  /** Connections at the same time. */
  readonly connections: number
}

const globalLines = (plan: BalancerPlan, { folder, socket, user, jail, connections }: Places): string[] => [
  'global',
  `  maxconn ${connections}`,
  `  nbthread ${THREADS}`,
  `  uid ${user.uid}`,
  `  gid ${user.gid}`,
  `  chroot ${jail}`,
  `  stats socket ${socket} mode 600 level admin expose-fd listeners`,
  `  server-state-file ${folder}/${STATES_FILE}`,
  `  hard-stop-after ${FINISH_SECONDS}s`,
  `  tune.bufsize ${HEADER_BYTES + REWRITE_BYTES}`,
  `  tune.maxrewrite ${REWRITE_BYTES}`,
  `  tune.http.maxhdr ${HEADERS}`,
  '  spread-checks 0',
  `  max-spread-checks ${FIRST_CHECKS_MILLISECONDS}`,
  ...holdGlobals(plan, folder),
  'defaults',
  '  load-server-state-from-file global',
  '  option idle-close-on-response',
  '  option dontlognull',
  '  errorfiles elb',
]

/** What is known of targets, by "backend/server" of the checked backend. */
export interface Known {
  /** Has been found healthy: serves before it is asked again. */
  readonly serves: (name: string) => boolean
  /** Healthy or not: serves where all targets do. */
  readonly isJudged: (name: string) => boolean
}

const groupLines = (plan: BalancerPlan, group: GroupPlan, known: Known, folder: string) => {
  const { checked, open } = backends(plan, group, folder)
  // Those of which nothing is known are added while it runs.
  const judged = group.targets.filter((target) => known.isJudged(checkedName(group, target)))
  const active = judged.filter(({ isDraining }) => !isDraining)
  const line = (target: TargetPlan, more: readonly string[] = []): string =>
    ['  server', serverName(target), serverAddress(target), ...more].join(' ')
  return {
    frame: [...checked, ...open],
    lines: [
      ...checked,
      ...judged.map((target) => {
        const serves = !target.isDraining && known.serves(checkedName(group, target))
        return line(target, [...(serves ? [] : ['disabled']), ...slowStart(group, serves)])
      }),
      ...open,
      ...active.map((target) => line(target)),
    ],
  }
}

/** Servers stand in their groups as they are now; those that come later are added while it runs. */
export const configuration = (plan: BalancerPlan, places: Places, known: Known): Configuration => {
  // The kernel carries datagrams by itself; of their groups HAProxy only asks how the targets are.
  const served = plan.listeners.filter(({ protocol }) => protocol !== 'UDP')
  const listeners = served.map((listener) => frontend(plan, listener, places))
  const groups = plan.groups.map((group) => groupLines(plan, group, known, places.folder))
  const head = [
    ...globalLines(plan, places),
    ...ringLines(),
    ...holdRing(plan),
    ...errorLines(places.folder),
    ...listeners.flatMap(({ lines }) => lines),
  ]
  const others: Record<string, string> = Object.assign(
    ownAnswers(),
    failureFiles(),
    holdFiles(plan),
    ...listeners.map(({ files }) => files),
  )
  const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`
  return {
    files: { ...others, [CONFIGURATION_FILE]: text([...head, ...groups.flatMap(({ lines }) => lines)]) },
    frame: text([...head, ...groups.flatMap(({ frame }) => frame), JSON.stringify(others)]),
  }
}
