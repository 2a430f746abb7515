// ListAccountSettings: what a principal has chosen, or everything that holds for it.

import type { ListAccountSettingsRequest, ListAccountSettingsResponse, Setting } from '@aws-sdk/client-ecs'
import { rootArn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { pageOf } from '#aws/pages.ts'
import { InvalidParameterException } from '../errors.ts'
import { describeSetting, effectiveValue, SETTING_NAMES } from '../model/account-setting.ts'
import { paged } from '../paging.ts'
import { settingsOfScope } from '../tables.ts'

export const listAccountSettings: Operation<ListAccountSettingsRequest, ListAccountSettingsResponse> = async (
  input,
  call,
) => {
  const { name, value, principalArn = call.caller.arn, effectiveSettings = false } = input
  if (value !== undefined && name === undefined) {
    throw InvalidParameterException('name must be specified when value is specified.')
  }
  const options = paged(call, 'ListAccountSettings', input, [name, value, principalArn, effectiveSettings])
  const records = await call.store.read((reader) => settingsOfScope(reader, call.scope))
  const all: Setting[] = effectiveSettings
    ? SETTING_NAMES.map((one) =>
        describeSetting(one, effectiveValue(one, records, principalArn, rootArn(call.scope)), principalArn),
      )
    : records
        .filter((record) => record.principalArn === principalArn)
        .map((record) => describeSetting(record.name, record.value, principalArn))
  const wanted = all.filter(
    (setting) => (name === undefined || setting.name === name) && (value === undefined || setting.value === value),
  )
  const { items, ...more } = pageOf(wanted, { ...options, keyOf: (setting) => setting.name ?? '' })
  return { settings: items, ...more }
}
