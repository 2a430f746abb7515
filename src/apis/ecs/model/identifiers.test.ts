// How requests name clusters, tasks and task definitions.

import { expect, test } from 'vitest'
import { clusterNameOf, parseTaskDefinitionId, taskArnOf } from './identifiers.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: '123456789012' }
const ARN = 'arn:aws:ecs:eu-west-1:123456789012'
const ID = '0123456789abcdef0123456789abcdef'

test.each([
  [undefined, 'default'],
  ['', 'default'],
  ['prod', 'prod'],
  [`${ARN}:cluster/prod`, 'prod'],
  ['a b', undefined],
  ['../a', undefined],
  [`${ARN}:cluster/prod/x`, undefined],
  [`${ARN}:service/prod`, undefined],
  [`${ARN.replace('123', '999')}:cluster/prod`, undefined],
  [`${ARN.replace('eu', 'us')}:cluster/prod`, undefined],
  ['arn:aws:ecs', undefined],
])('cluster %s is %s', (named, name) => {
  expect(clusterNameOf(scope, named)).toBe(name)
})

test.each([[ID], [`${ARN}:task/prod/${ID}`], [`${ARN}:task/${ID}`]])('task %s is of the cluster', (named) => {
  expect(taskArnOf(scope, 'prod', named)).toBe(`${ARN}:task/prod/${ID}`)
})

test.each([
  ['web', { family: 'web' }],
  ['web:3', { family: 'web', revision: 3 }],
  [`${ARN}:task-definition/web:3`, { family: 'web', revision: 3 }],
  ['web:', undefined],
  ['web:three', undefined],
  ['web:3:4', undefined],
  ['a/b', undefined],
  ['', undefined],
  [`${ARN}:cluster/web:3`, undefined],
  [`${ARN.replace('eu', 'us')}:task-definition/web:3`, undefined],
])('task definition %s is %j', (named, id) => {
  expect(parseTaskDefinitionId(scope, named)).toEqual(id)
})
