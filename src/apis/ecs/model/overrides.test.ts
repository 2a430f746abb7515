// What a task's containers are once the overrides of RunTask are laid over the definition.

import { expect, it, test } from 'vitest'
import type { ContainerDefinition, ContainerOverride } from '@aws-sdk/client-ecs'
import { echoedOverrides, overriddenContainers } from './overrides.ts'
import { registeredTaskDefinition } from './registered.ts'

const APP: ContainerDefinition = {
  name: 'app',
  image: 'nginx',
  command: ['serve'],
  memory: 128,
  environment: [
    { name: 'A', value: '1' },
    { name: 'B', value: '1' },
  ],
}
const definition = registeredTaskDefinition(
  { family: 'web', networkMode: 'awsvpc', containerDefinitions: [APP, { name: 'side', image: 'envoy' }] as never },
  {
    scope: { partition: 'aws', region: 'eu-west-1', account: '123456789012' },
    revision: 1,
    at: '2026-01-01T00:00:00.000Z',
    by: 'me',
  },
)
const app = (override: ContainerOverride) =>
  overriddenContainers(definition, { containerOverrides: [{ name: 'app', ...override }] })[0]

test.each<[string, ContainerOverride, ContainerDefinition]>([
  ['a command replaces the command', { command: ['once', '-v'] }, { command: ['once', '-v'] }],
  ['an empty command leaves it', { command: [] }, { command: ['serve'] }],
  [
    'sizes replace sizes',
    { cpu: 10, memory: 64, memoryReservation: 32 },
    { cpu: 10, memory: 64, memoryReservation: 32 },
  ],
  [
    'variables are added, and replaced by name',
    {
      environment: [
        { name: 'B', value: '2' },
        { name: 'C', value: '2' },
      ],
    },
    {
      environment: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
        { name: 'C', value: '2' },
      ],
    },
  ],
  [
    'files are added',
    { environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::b/a.env' }] },
    { environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::b/a.env' }] },
  ],
])('%s', (_, override, expected) => {
  expect(app(override)).toMatchObject(expected)
})

it('leaves other containers and the definition alone', () => {
  const [, side] = overriddenContainers(definition, { containerOverrides: [{ name: 'app', command: ['x'] }] })
  expect(side).toBe(definition.containerDefinitions[1])
  expect(definition.containerDefinitions[0]?.command).toEqual(['serve'])
})

it('is shown with one entry for each container, and sizes as numbers', () => {
  expect(
    echoedOverrides(definition, { cpu: '1 vCPU', memory: '2GB', containerOverrides: [{ name: 'side', cpu: 1 }] }),
  ).toEqual({
    cpu: '1024',
    memory: '2048',
    containerOverrides: [{ name: 'app' }, { name: 'side', cpu: 1 }],
    inferenceAcceleratorOverrides: [],
  })
})
