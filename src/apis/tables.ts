// Every table of every API, for those who must empty the store or look at all of it.

import type { Table } from '#store/store.ts'
import * as accountDefaults from './account-defaults.ts'
import * as acm from './acm/tables.ts'
import * as codedeploy from './codedeploy/tables.ts'
import * as ec2 from './ec2/tables.ts'
import * as ecs from './ecs/tables.ts'
import * as elbv2 from './elbv2/tables.ts'
import * as iam from './iam/tables.ts'
import * as logs from './logs/tables.ts'
import * as sts from './sts/tables.ts'

const isTable = (value: unknown): value is Table<unknown> =>
  typeof value === 'object' && value !== null && 'name' in value && 'key' in value && 'indexes' in value

export const ALL_TABLES: readonly Table<unknown>[] = [
  accountDefaults,
  acm,
  codedeploy,
  ec2,
  ecs,
  elbv2,
  iam,
  logs,
  sts,
].flatMap((module) => Object.values<unknown>(module).filter(isTable))
