// How each API words what the server refuses on its behalf: invalid inputs, unreadable ones, and our own bugs.

import { AwsError } from '#aws/refusal.ts'
import type { DecodeProblem } from './decode-problem.ts'
import type { Protocol } from './protocols/protocol.ts'
import { coralText, type Problem } from './validate.ts'

export interface Wording {
  /** Never called without a problem. */
  invalid(problems: readonly Problem[]): AwsError
  unreadable(problem: DecodeProblem): AwsError
  /** The code for a bug of ours. */
  readonly serverError: string
}

const coral =
  (code: string) =>
  (problems: readonly Problem[]): AwsError =>
    new AwsError(code, coralText(problems), { status: 400 })

const unreadableAs =
  (code: string) =>
  (problem: DecodeProblem): AwsError =>
    problem.kind === 'too-large'
      ? new AwsError('RequestEntityTooLargeException', problem.message, { status: 413 })
      : new AwsError(code, problem.message, { status: 400 })

const ec2Invalid = (problems: readonly Problem[]): AwsError => {
  const { path, value, constraint } = problems[0]!
  // EC2 counts list items without the word "member".
  const parameter = path.replaceAll('.member', '')
  if (constraint.kind === 'required') {
    return new AwsError('MissingParameter', `The request must contain the parameter ${parameter}`, { status: 400 })
  }
  const expecting =
    constraint.kind === 'value-least'
      ? ` Expecting a value greater than or equal to ${constraint.limit}.`
      : constraint.kind === 'value-most'
        ? ` Expecting a value less than or equal to ${constraint.limit}.`
        : ''
  const bare = value.replace(/^'|'$/g, '')
  return new AwsError('InvalidParameterValue', `Value (${bare}) for parameter ${parameter} is invalid.${expecting}`, {
    status: 400,
  })
}

const ec2Unreadable = (problem: DecodeProblem): AwsError => {
  if (problem.kind !== 'wrong-type') return unreadableAs('MalformedQueryString')(problem)
  return new AwsError('InvalidParameterValue', `Invalid value for parameter ${problem.path}: ${problem.message}`, {
    status: 400,
  })
}

/** CodeDeploy has an error for each thing that may be missing. */
const CODEDEPLOY_REQUIRED: Readonly<Record<string, readonly [code: string, message: string]>> = {
  applicationName: ['ApplicationNameRequiredException', 'Application name is missing'],
  deploymentGroupName: ['DeploymentGroupNameRequiredException', 'Deployment Group name is missing'],
  currentDeploymentGroupName: ['DeploymentGroupNameRequiredException', 'Deployment Group name is missing'],
  deploymentConfigName: ['DeploymentConfigNameRequiredException', 'Deployment Configuration name is missing'],
  deploymentId: ['DeploymentIdRequiredException', 'Deployment ID must be specified'],
  targetId: ['DeploymentTargetIdRequiredException', 'A deployment target ID must be specified'],
  revision: ['RevisionRequiredException', 'RevisionLocation must be specified'],
  serviceRoleArn: ['RoleRequiredException', 'Service role must be specified'],
  ResourceArn: ['ResourceArnRequiredException', 'Resource ARN must be specified'],
}

const codeDeployInvalid = (problems: readonly Problem[]): AwsError => {
  const missing = problems.find(({ constraint }) => constraint.kind === 'required')
  const [code, message] = CODEDEPLOY_REQUIRED[missing?.member ?? ''] ?? []
  if (code === undefined || message === undefined) return coral('ValidationException')(problems)
  return new AwsError(code, message, { status: 400 })
}

const BY_FAMILY: Readonly<Record<Protocol['family'], Wording>> = {
  json: {
    invalid: coral('ValidationException'),
    unreadable: unreadableAs('SerializationException'),
    serverError: 'InternalFailure',
  },
  restJson: {
    invalid: coral('ValidationException'),
    unreadable: unreadableAs('SerializationException'),
    serverError: 'InternalFailure',
  },
  query: {
    invalid: coral('ValidationError'),
    unreadable: unreadableAs('MalformedInput'),
    serverError: 'InternalFailure',
  },
  restXml: {
    invalid: coral('ValidationError'),
    unreadable: unreadableAs('MalformedXML'),
    serverError: 'InternalFailure',
  },
  ec2: { invalid: ec2Invalid, unreadable: ec2Unreadable, serverError: 'InternalError' },
}

/** Where an API differs from its protocol's habit. */
const BY_API: Readonly<Record<string, Partial<Wording>>> = {
  codedeploy: { invalid: codeDeployInvalid },
  ecs: { invalid: coral('InvalidParameterException'), serverError: 'ServerException' },
  logs: { invalid: coral('InvalidParameterException'), serverError: 'ServiceUnavailableException' },
  iam: { serverError: 'ServiceFailure' },
  efs: { serverError: 'InternalServerError' },
  'route-53': { invalid: coral('InvalidInput') },
  cloudwatch: { serverError: 'InternalServiceFault' },
}

export const wordingOf = (apiName: string | undefined, family: Protocol['family']): Wording => ({
  ...BY_FAMILY[family],
  ...(apiName === undefined ? {} : BY_API[apiName]),
})
