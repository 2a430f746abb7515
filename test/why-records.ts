// Tasks as the controllers record them when they have ended, in short words, for tests of what `neargate why` says.

import type { StopRequest, TaskContainer, TaskRecord, TaskStatus } from '#apis/ecs/model/task.ts'

export const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`

export const container = (change: Partial<TaskContainer> = {}): TaskContainer =>
  ({
    name: 'app',
    runtimeId: 'abc-1',
    image: 'busybox',
    lastStatus: 'STOPPED',
    restartCount: 0,
    startedAt: at(1),
    finishedAt: at(9),
    ...change,
  }) as TaskContainer

export const taskOf = (
  status: Partial<TaskStatus>,
  more: { stop?: StopRequest; spot?: boolean; id?: string; owner?: TaskRecord['owner'] } = {},
): TaskRecord =>
  ({
    arn: `task/${more.id ?? 'abc'}`,
    id: more.id ?? 'abc',
    scope: { region: 'eu-west-1', account: '1', partition: 'aws' },
    ...(more.owner === undefined ? {} : { owner: more.owner }),
    spec: {
      group: 'service:web',
      cpuUnits: 256,
      memoryMiB: 512,
      ...(more.spot === true ? { capacityProviderName: 'FARGATE_SPOT' } : {}),
      ...(more.stop === undefined ? {} : { stop: more.stop }),
    },
    status: {
      lastStatus: 'STOPPED',
      containers: [container()],
      attachment: { id: 'a', status: 'DELETED', details: [] },
      ...status,
    },
  }) as unknown as TaskRecord

export const EXITED = {
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
} as const
