// PutAccountSettingDefault: a setting for everybody in the account who has not chosen.

import type { PutAccountSettingDefaultRequest, PutAccountSettingDefaultResponse } from '@aws-sdk/client-ecs'
import { rootArn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { describeSetting, settingProblem } from '../model/account-setting.ts'
import { accountSettings } from '../tables.ts'

export const putAccountSettingDefault: Operation<
  PutAccountSettingDefaultRequest,
  PutAccountSettingDefaultResponse
> = async ({ name, value }, call) => {
  const problem = settingProblem(name, value)
  if (problem !== undefined) throw InvalidParameterException(problem)
  const principalArn = rootArn(call.scope)
  await call.store.write((tx) => tx.put(accountSettings, { scope: call.scope, principalArn, name, value }))
  return { setting: describeSetting(name, value, principalArn) }
}
