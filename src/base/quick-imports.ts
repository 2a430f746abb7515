// Preloaded by `--import`: resolves this project's own imports by their names alone. Node would look for every file and
// for the package it belongs to, a thousand times, which takes more of a start than anything that is done in it.

import { registerHooks } from 'node:module'

const SOURCE = new URL('..', import.meta.url).href
const FORMAT = 'module-typescript'

const urlOf = (specifier: string, parent: string | undefined): string | undefined => {
  if (parent?.startsWith(SOURCE) !== true || !specifier.endsWith('.ts')) return undefined
  // As package.json's "imports" says.
  if (specifier.startsWith('#')) return specifier.startsWith('#test/') ? undefined : SOURCE + specifier.slice(1)
  return specifier.startsWith('.') ? new URL(specifier, parent).href : undefined
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    const url = urlOf(specifier, context.parentURL)
    return url === undefined ? nextResolve(specifier, context) : { url, format: FORMAT, shortCircuit: true }
  },
})
