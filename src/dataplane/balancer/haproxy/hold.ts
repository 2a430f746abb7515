// Requests that wait for a target: a group that has none yet may be about to get one. HAProxy runs a few lines of Lua
// while such a request waits, and says for whom it waits. https://docs.haproxy.org/2.6/configuration.html#3.2 (lua-load)

import type { BalancerPlan } from '../balancer.ts'
import { HELD_BYTES, HELD_LINE_BYTES, HOLD_LOOK_MILLISECONDS, HOLD_TELL_MILLISECONDS } from '../limits.ts'
import { backendOf, openBackendOf } from './actions.ts'
import { named } from './quoting.ts'

const RING = 'held'
const FILE = 'hold.lua'
const ACTION = 'hold'
const SAID = 'held '

/** Only what is said from now on: a request that waits is told of again and again. */
export const FOLLOW_HELD = `show events ${RING} -w -n`

const PROGRAM = `
core.register_action("${ACTION}", { "http-req" }, function(txn, group, seconds)
  local waited = 0
  while waited < tonumber(seconds) * 1000 and txn.f:nbsrv("g-" .. group) == 0 and txn.f:nbsrv("o-" .. group) == 0 do
    if waited % ${HOLD_TELL_MILLISECONDS} == 0 then core.log(core.info, "${SAID}" .. group) end
    core.msleep(${HOLD_LOOK_MILLISECONDS})
    waited = waited + ${HOLD_LOOK_MILLISECONDS}
  end
end, 2)
`

const holds = ({ groups }: BalancerPlan): boolean => groups.some(({ holdSeconds }) => holdSeconds !== undefined)

export const holdFiles = (plan: BalancerPlan): Record<string, string> => (holds(plan) ? { [FILE]: PROGRAM } : {})

export const holdGlobals = (plan: BalancerPlan, folder: string): string[] =>
  holds(plan) ? [`  lua-load ${folder}/${FILE}`, `  log ring@${RING} local0`] : []

export const holdRing = (plan: BalancerPlan): string[] =>
  holds(plan) ? [`ring ${RING}`, '  format raw', `  maxlen ${HELD_LINE_BYTES}`, `  size ${HELD_BYTES}`] : []

/** Once `txn.group` is known, and before the request goes there. */
export const holdLines = ({ groups }: BalancerPlan): string[] =>
  groups.flatMap(({ id, holdSeconds }) => {
    if (holdSeconds === undefined) return []
    const hasNone = [backendOf(id), openBackendOf(id)].map((backend) => `{ nbsrv(${backend}) eq 0 }`)
    const condition = `{ var(txn.group) -m str ${named(id)} } ${hasNone.join(' ')}`
    return [`http-request lua.${ACTION} ${named(id)} ${Math.ceil(holdSeconds)} if ${condition}`]
  })

/** The group that a line of the ring names; undefined for anything else that HAProxy says. */
export const heldGroup = (line: string): string | undefined =>
  line.startsWith(SAID) ? line.slice(SAID.length).trim() : undefined
