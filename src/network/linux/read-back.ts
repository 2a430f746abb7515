// For host tests only: what is really in a router, in a form that can be compared.

import { run } from '#base/run.ts'

type Listed = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** How often flows were asked again says nothing about what is let pass. */
const withoutGeneration = (rule: unknown): unknown => {
  const text = JSON.stringify(rule)
  return JSON.parse(text.includes('"key":"mark"') ? text.replaceAll(/\b\d{3,}\b/g, '0') : text) as unknown
}

/** Tables, chains with their rules in order, sets with their elements in any, addresses and routes. */
export const readBack = async (namespacePath: string): Promise<unknown> => {
  const inside = (...command: readonly string[]): Promise<string> =>
    run('nsenter', [`--net=${namespacePath}`, ...command])
  const { nftables } = JSON.parse(await inside('nft', '-j', 'list', 'ruleset')) as { nftables: Listed[] }
  const shown = new Map<string, unknown[]>()
  const add = (key: string, value: unknown): void => {
    shown.set(key, [...(shown.get(key) ?? []), value])
  }
  for (const entry of nftables) {
    for (const [kind, { handle: _handle, elem, ...rest }] of Object.entries(entry)) {
      if (kind === 'metainfo') continue
      if (kind === 'rule') add(`chain ${String(rest['chain'])}`, withoutGeneration(rest))
      else add(`${kind} ${String(rest['name'])}`, rest)
      if (Array.isArray(elem))
        add(`${kind} ${String(rest['name'])}`, elem.map((each) => JSON.stringify(each)).toSorted())
    }
  }
  const lines = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.trim())
      .toSorted()
  return {
    filter: Object.fromEntries([...shown].toSorted(([a], [b]) => a.localeCompare(b))),
    addresses: lines(await inside('ip', '-4', '-brief', 'address', 'show', 'dev', 'lo')),
    routes: lines(await inside('ip', '-4', 'route', 'show')),
    neighbours: lines(await inside('ip', '-4', 'neighbour', 'show', 'nud', 'permanent')),
  }
}
