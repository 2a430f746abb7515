// Records that a service is to be moved to a new task set. The deployment controller does it.

import type { CreateDeploymentInput, CreateDeploymentOutput } from '@aws-sdk/client-codedeploy'
import type { Call, Checked, Operation } from '#aws/operation.ts'
import type { Reader } from '#store/store.ts'
import {
  ApplicationDoesNotExistException,
  DeploymentGroupNameRequiredException,
  DeploymentLimitExceededException,
} from '../errors.ts'
import { type AppSpec, readAppSpec } from '../model/app-spec.ts'
import type { DeploymentGroupRecord, DeploymentGroupSpec } from '../model/deployment-group.ts'
import {
  begunProgress,
  type DeploymentError,
  type DeploymentSpec,
  isOver,
  newDeploymentId,
  type Shift,
} from '../model/deployment.ts'
import { requestedAlarms, requestedRollback } from '../model/requested-group.ts'
import type { RevisionLocationRecord } from '../model/revision.ts'
import { noteRevision, requestedLocation } from '../revisions.ts'
import { checkRouting, resolvedShift } from '../services.ts'
import { deploymentsOfGroup, existingApplication, existingConfig, existingGroup, keepDeployment } from '../tables.ts'

type Input = Checked<CreateDeploymentInput>

const NO_BUCKET: DeploymentError = {
  code: 'INVALID_REVISION',
  message:
    'The AppSpec file cannot be located in the specified S3 bucket. Verify your AppSpec file is present and that the ' +
    'name and key value pair specified for your S3 bucket are correct. The S3 bucket must be in your current region',
}

const checkIdle = async (reader: Reader, { id, spec }: DeploymentGroupRecord): Promise<void> => {
  const active = (await deploymentsOfGroup(reader, id)).find((one) => !isOver(one))
  if (active !== undefined) {
    throw DeploymentLimitExceededException(
      `The Deployment Group '${spec.name}' already has an active Deployment '${active.id}'`,
    )
  }
}

const shiftOf = async (
  reader: Reader,
  call: Call,
  group: DeploymentGroupSpec,
  appSpec: AppSpec | undefined,
): Promise<Shift | DeploymentError> => (appSpec === undefined ? NO_BUCKET : resolvedShift(reader, call, group, appSpec))

const specOf = async (
  reader: Reader,
  call: Call,
  input: Input,
  asked: { readonly group: DeploymentGroupSpec; readonly revision: RevisionLocationRecord; readonly appSpec?: AppSpec },
): Promise<DeploymentSpec> => {
  const { group, revision, appSpec } = asked
  const { description, autoRollbackConfiguration, overrideAlarmConfiguration } = input
  const config = await existingConfig(reader, call.scope, input.deploymentConfigName ?? group.deploymentConfigName)
  checkRouting(group, config.routing)
  const rollback =
    autoRollbackConfiguration === undefined ? group.rollback : requestedRollback(autoRollbackConfiguration)
  const overridden = overrideAlarmConfiguration === undefined ? undefined : requestedAlarms(overrideAlarmConfiguration)
  const alarms = overridden ?? group.alarms
  return {
    configName: config.name,
    routing: config.routing,
    revision,
    ...(description === undefined ? {} : { description }),
    creator: 'user',
    ignoreApplicationStopFailures: input.ignoreApplicationStopFailures ?? false,
    fileExistsBehavior: input.fileExistsBehavior ?? 'DISALLOW',
    ecsService: group.ecsService,
    route: group.route,
    blueGreen: group.blueGreen,
    ...(rollback === undefined ? {} : { rollback }),
    ...(alarms === undefined ? {} : { alarms }),
    ...(overridden === undefined ? {} : { overriddenAlarms: overridden }),
    hooks: appSpec?.hooks ?? {},
    shift: await shiftOf(reader, call, group, appSpec),
    continued: {},
    hookAnswers: {},
  }
}

export const createDeployment: Operation<CreateDeploymentInput, CreateDeploymentOutput> = async (input, call) => {
  const { applicationName, deploymentGroupName } = input
  if (applicationName === '') throw ApplicationDoesNotExistException('Application name must be specified')
  return call.store.write(async (tx) => {
    const application = await existingApplication(tx, call.scope, applicationName)
    if (deploymentGroupName === undefined) {
      throw DeploymentGroupNameRequiredException('Deployment Group name is missing')
    }
    const group = await existingGroup(tx, application, deploymentGroupName)
    const revision = requestedLocation(input.revision)
    const appSpec = 'content' in revision ? readAppSpec(revision.content) : undefined
    await checkIdle(tx, group)
    const spec = await specOf(tx, call, input, {
      group: group.spec,
      revision,
      ...(appSpec === undefined ? {} : { appSpec }),
    })
    const at = call.clock.now().toISOString()
    const id = newDeploymentId(call.random)
    await noteRevision(tx, application, revision, { at, group: group.spec.name })
    await keepDeployment(tx, {
      id,
      scope: call.scope,
      applicationId: application.id,
      groupId: group.id,
      applicationName: application.name,
      groupName: group.spec.name,
      createdAt: at,
      spec,
      progress: begunProgress(spec, at),
    })
    return { deploymentId: id }
  })
}
