// PutAccountSetting: a setting for one principal; the caller, where the request names none.

import type { PutAccountSettingRequest, PutAccountSettingResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { describeSetting, settingProblem } from '../model/account-setting.ts'
import { accountSettings } from '../tables.ts'

export const putAccountSetting: Operation<PutAccountSettingRequest, PutAccountSettingResponse> = async (
  input,
  call,
) => {
  const { name, value, principalArn = call.caller.arn } = input
  const problem = settingProblem(name, value)
  if (problem !== undefined) throw InvalidParameterException(problem)
  await call.store.write((tx) => tx.put(accountSettings, { scope: call.scope, principalArn, name, value }))
  return { setting: describeSetting(name, value, principalArn) }
}
