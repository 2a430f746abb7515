// A task's containers, each with what its definition and the overrides of the run say of it. Pure.

import type { ContainerCondition, ContainerDefinition } from '@aws-sdk/client-ecs'
import { overriddenContainers } from '#apis/ecs/model/overrides.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import type { TaskContainer, TaskRecord } from '#apis/ecs/model/task.ts'

export interface Dependency {
  readonly on: string
  readonly condition: ContainerCondition
}

export interface Member {
  readonly name: string
  readonly essential: boolean
  readonly dependsOn: readonly Dependency[]
  /** With the overrides applied. */
  readonly definition: ContainerDefinition
  readonly container: TaskContainer
}

/** In the order of the task definition. */
export const roster = (task: TaskRecord, definition: TaskDefinitionRecord): Member[] =>
  overriddenContainers(definition, task.spec.overrides).flatMap((own) => {
    const container = task.status.containers.find(({ name }) => name === own.name)
    if (container === undefined) return []
    return [
      {
        name: container.name,
        essential: own.essential !== false,
        dependsOn: (own.dependsOn ?? []).map(({ containerName, condition }) => ({
          on: containerName ?? '',
          condition: condition ?? 'START',
        })),
        definition: own,
        container,
      },
    ]
  })

/** The containers of the task whose volumes a container has, too. */
export const volumeSources = (
  member: Member,
  members: readonly Member[],
): { readonly source: Member; readonly readOnly: boolean }[] =>
  (member.definition.volumesFrom ?? []).flatMap(({ sourceContainer, readOnly }) => {
    const source = members.find(({ name }) => name === sourceContainer)
    return source === undefined ? [] : [{ source, readOnly: readOnly === true }]
  })

/** The same containers, as they are known by now. */
export const withContainers = (members: readonly Member[], containers: readonly TaskContainer[]): Member[] =>
  members.map((member) => ({
    ...member,
    container: containers.find(({ name }) => name === member.name) ?? member.container,
  }))
