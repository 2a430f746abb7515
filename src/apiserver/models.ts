// The models on disk: the table of APIs at once, each model at its API's first call.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceTable, StoredModel } from './model.ts'
import { apiModel, type ApiModel } from './shape.ts'

export interface Models {
  readonly table: ServiceTable
  /** Throws when `name` is not in the table. */
  load(name: string): ApiModel
}

/** The checked-in models of the APIs that Neargate serves. */
export const MODELS_FOLDER = join(import.meta.dirname, '../../models')

const parsed = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T

/** Reads one or more folders, each with an `index.json`. A later folder wins. */
export const modelsIn = (...folders: readonly string[]): Models => {
  const homes = new Map<string, string>()
  const table: Record<string, ServiceTable[string]> = {}
  for (const folder of folders) {
    for (const [name, entry] of Object.entries(parsed<ServiceTable>(join(folder, 'index.json')))) {
      table[name] = entry
      homes.set(name, folder)
    }
  }
  const loaded = new Map<string, ApiModel>()
  return {
    table,
    load: (name) => {
      const known = loaded.get(name)
      if (known !== undefined) return known
      const [folder, entry] = [homes.get(name), table[name]]
      if (folder === undefined || entry === undefined) throw new Error(`there is no model of an API named ${name}`)
      const model = apiModel(name, entry, parsed<StoredModel>(join(folder, `${name}.json`)))
      loaded.set(name, model)
      return model
    },
  }
}
