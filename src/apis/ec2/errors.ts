// EC2's refusals. Its model has no error shapes: the codes are those of
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, the texts as the service writes them.

import { AwsError } from '#aws/refusal.ts'

export const ec2Error = (code: string, message: string): AwsError => new AwsError(code, message)

export const missingParameter = (name: string): AwsError =>
  ec2Error('MissingParameter', `The request must contain the parameter ${name}`)

export const invalidValue = (value: string | number, parameter: string, why: string): AwsError =>
  ec2Error('InvalidParameterValue', `Value (${value}) for parameter ${parameter} is invalid. ${why}`)

export const invalidParameter = (message: string): AwsError => ec2Error('InvalidParameterValue', message)

export const invalidCombination = (message: string): AwsError => ec2Error('InvalidParameterCombination', message)

export const dependencyViolation = (message: string): AwsError => ec2Error('DependencyViolation', message)

/** Of what AWS made in the account for itself: the interface of a task, the address of a NAT gateway. */
export const notYours = (): AwsError =>
  ec2Error('AuthFailure', 'You do not have permission to access the specified resource.')

/** 412, so that no client takes it for an answer. */
export const dryRunSucceeded = (): AwsError =>
  new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', { status: 412 })
