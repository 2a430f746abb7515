// For tests of CodeDeploy: its operations on a world with a service that it may deploy, anew for each test.

import { beforeEach } from 'vitest'
import { DeployWorld } from './scenarios/deploy-world.ts'

export let world: DeployWorld
/** Answers are looked at, not worked with: their types would only be in the way. */
export type Answer = Readonly<Record<string, unknown>>
export const ask = (name: string, input: object): Promise<Answer> =>
  world.askDeploy(name as 'GetDeployment', input as never) as unknown as Promise<Answer>

beforeEach(async () => {
  world = (await new DeployWorld().begin()) as DeployWorld
})
