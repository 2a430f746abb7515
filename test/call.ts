// A call as the API server would hand it to an operation: in-process stores, simulated time, chance with a seed.

import type { Api, Call } from '#aws/operation.ts'
import { newVault } from '#base/vault.ts'
import { newAuthority } from '#base/x509/authority.ts'
import { silentLog } from '#base/log.ts'
import { seededRandom } from '#base/random.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import { memoryLogStore } from '#telemetry/logs/memory/memory-log-store.ts'

export const testCall = (): Call => {
  const clock = new SimulatedClock('2026-01-01T00:00:00Z')
  return {
    scope: { partition: 'aws', region: 'eu-west-1', account: '123456789012' },
    caller: { account: '123456789012', arn: 'arn:aws:iam::123456789012:root', userId: '123456789012' },
    requestId: 'request',
    store: memoryStore(),
    logs: memoryLogStore(),
    clock,
    random: seededRandom(1),
    log: silentLog,
    settings: { mode: 'strict', stoppedTaskRetentionSeconds: 3600, endpoint: 'http://127.0.0.1:4566' },
    vault: newVault(),
    authority: newAuthority({ clock, random: seededRandom(2) }),
  }
}

/** Calls an operation of an API by name, as a client would. */
export type Ask<Operations> = <Name extends keyof Operations>(
  name: Name,
  input: Operations[Name] extends ((input: infer Input, call: Call) => unknown) | undefined ? Input : never,
) => Operations[Name] extends ((input: never, call: Call) => infer Output) | undefined ? Output : never

export const asking = <Operations>(api: Api, call: () => Call): Ask<Operations> =>
  ((name: string, input: never) => api.operations[name]?.(input, call())) as Ask<Operations>
