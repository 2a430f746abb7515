// The AWS APIs that are served, one line each.

import type { Api } from '#aws/operation.ts'
import { acm } from './acm/index.ts'
import { codedeploy } from './codedeploy/index.ts'
import { ec2 } from './ec2/index.ts'
import { ecs } from './ecs/index.ts'
import { elbv2 } from './elbv2/index.ts'
import { iam } from './iam/index.ts'
import { logs } from './logs/index.ts'
import { sts } from './sts/index.ts'

export const APIS: readonly Api[] = [ecs, ec2, elbv2, acm, codedeploy, iam, sts, logs]
