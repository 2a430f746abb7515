// DeleteAccountSetting: the principal's choice is forgotten; the account's default holds again.

import type { DeleteAccountSettingRequest, DeleteAccountSettingResponse } from '@aws-sdk/client-ecs'
import { rootArn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { describeSetting, effectiveValue, settingNameProblem } from '../model/account-setting.ts'
import { accountSettingKey, accountSettings, settingsOfScope } from '../tables.ts'

export const deleteAccountSetting: Operation<DeleteAccountSettingRequest, DeleteAccountSettingResponse> = async (
  input,
  call,
) => {
  const { name, principalArn = call.caller.arn } = input
  const { scope } = call
  const problem = settingNameProblem(name)
  if (problem !== undefined) throw InvalidParameterException(problem)
  return call.store.write(async (tx) => {
    await tx.delete(accountSettings, accountSettingKey(scope, principalArn, name))
    const value = effectiveValue(name, await settingsOfScope(tx, scope), principalArn, rootArn(scope))
    return { setting: describeSetting(name, value, principalArn) }
  })
}
