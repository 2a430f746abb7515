// Account settings: their names, the values each takes, and what holds where nobody has chosen.

import type { Setting, SettingName } from '@aws-sdk/client-ecs'
import type { Scope } from '#aws/scope.ts'

export interface AccountSettingRecord {
  readonly scope: Scope
  /** A user, a role, or the account's root for the default of the whole account. */
  readonly principalArn: string
  readonly name: SettingName
  readonly value: string
}

interface SettingRule {
  readonly values: readonly string[]
  readonly byDefault: string
  /** Set by AWS alone. */
  readonly awsManaged?: true
}

const ON_OFF = ['enabled', 'disabled', 'on', 'off']

/**
 * Defaults of an account opened in 2026.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
 */
export const ACCOUNT_SETTINGS: Readonly<Record<SettingName, SettingRule>> = {
  awsvpcTrunking: { values: ON_OFF, byDefault: 'disabled' },
  containerInsights: { values: ['enabled', 'disabled', 'enhanced'], byDefault: 'disabled' },
  containerInstanceLongArnFormat: { values: ON_OFF, byDefault: 'enabled' },
  defaultLogDriverMode: { values: ['blocking', 'non-blocking'], byDefault: 'non-blocking' },
  fargateEventWindows: { values: ON_OFF, byDefault: 'disabled' },
  fargateFIPSMode: { values: ON_OFF, byDefault: 'disabled' },
  fargateTaskRetirementWaitPeriod: { values: ['0', '7', '14'], byDefault: '7' },
  guardDutyActivate: { values: ON_OFF, byDefault: 'off', awsManaged: true },
  serviceLongArnFormat: { values: ON_OFF, byDefault: 'enabled' },
  tagResourceAuthorization: { values: ['on', 'off'], byDefault: 'on' },
  taskLongArnFormat: { values: ON_OFF, byDefault: 'enabled' },
}

export const SETTING_NAMES = Object.keys(ACCOUNT_SETTINGS) as SettingName[]

/** What is wrong with a setting that a caller puts, in AWS's words. */
export const settingProblem = (name: string, value: string): string | undefined => {
  if (!isSettingName(name)) return settingNameProblem(name)
  const { values, awsManaged } = ACCOUNT_SETTINGS[name]
  if (awsManaged) return `The setting ${name} is managed by AWS and can not be changed.`
  return values.includes(value) ? undefined : `${value} should be one of [${values.join(',')}]`
}

export const settingNameProblem = (name: string): string | undefined =>
  isSettingName(name) ? undefined : `${name} should be one of [${SETTING_NAMES.join(',')}]`

const isSettingName = (name: string): name is SettingName => Object.hasOwn(ACCOUNT_SETTINGS, name)

/** A setting as answers show it. */
export const describeSetting = (name: SettingName, value: string, principalArn: string): Setting => ({
  name,
  value,
  principalArn,
  type: ACCOUNT_SETTINGS[name].awsManaged ? 'aws_managed' : 'user',
})

/** The value for a principal: its own, else the account's, else AWS's. */
export const effectiveValue = (
  name: SettingName,
  records: readonly AccountSettingRecord[],
  principalArn: string,
  rootArn: string,
): string => {
  const of = (arn: string) => records.find((record) => record.name === name && record.principalArn === arn)?.value
  return of(principalArn) ?? of(rootArn) ?? ACCOUNT_SETTINGS[name].byDefault
}
