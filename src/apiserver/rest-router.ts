// Method, path and query string to an operation of a REST API.

import type { ApiModel, OperationModel } from './shape.ts'
import { percentDecoded, rawPairs, type WireRequest } from './wire.ts'

interface Route {
  readonly operation: string
  readonly method: string
  readonly pattern: RegExp
  readonly labels: readonly string[]
  /** Literal keys (with their values) that the query string must have. */
  readonly literals: readonly (readonly [string, string])[]
  readonly requiredQuery: readonly string[]
  /** More specific routes are tried first. */
  readonly weight: readonly number[]
}

export interface RestMatch {
  readonly operation: string
  /** Decoded. */
  readonly labels: Readonly<Record<string, string>>
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const routeOf = (operation: OperationModel): Route => {
  const [method, uri] = operation.http
  const [path = '', query = ''] = uri.split('?')
  const segments = path.split('/').filter((segment) => segment !== '')
  const labels: string[] = []
  const pattern = segments
    .map((segment) => {
      const [, label, greedy] = /^\{([^+}]+)(\+?)\}$/.exec(segment) ?? []
      if (label === undefined) return escaped(segment)
      labels.push(label)
      return greedy === '+' ? '(.+)' : '([^/]+)'
    })
    .join('/')
  // x-id only repeats the operation's name, and not every client sends it.
  const literals = rawPairs(query).filter(([name]) => name !== 'x-id')
  const requiredQuery = operation.input.members
    .filter((member) => member.required && member.binding === 'query')
    .map((member) => member.boundName)
  return {
    operation: operation.name,
    method,
    pattern: new RegExp(`^/${pattern}/?$`),
    labels,
    literals,
    requiredQuery,
    weight: [segments.length - labels.length, segments.length, literals.length, requiredQuery.length],
  }
}

const heavier = (a: Route, b: Route): number => {
  const at = a.weight.findIndex((weight, index) => weight !== b.weight[index])
  return at < 0 ? 0 : b.weight[at]! - a.weight[at]!
}

const routes = new WeakMap<ApiModel, readonly Route[]>()

const routesOf = (model: ApiModel): readonly Route[] => {
  const known = routes.get(model)
  if (known !== undefined) return known
  const made = model.operationNames.map((name) => routeOf(model.operation(name)!)).toSorted(heavier)
  routes.set(model, made)
  return made
}

/** The path is split as sent and each label decoded after: ARNs arrive as "arn%3Aaws…%2Ffs-1". */
export const restRoute = (
  model: ApiModel,
  request: Pick<WireRequest, 'method' | 'path' | 'query'>,
): RestMatch | undefined => {
  const query = new Map(rawPairs(request.query))
  for (const route of routesOf(model)) {
    if (route.method !== request.method) continue
    const match = route.pattern.exec(request.path)
    if (match === null) continue
    if (route.literals.some(([name, value]) => query.get(name) !== value)) continue
    if (route.requiredQuery.some((name) => !query.has(name))) continue
    const labels: Record<string, string> = {}
    for (const [index, name] of route.labels.entries()) {
      const decoded = percentDecoded(match[index + 1]!)
      if (decoded === undefined) return undefined
      labels[name] = decoded
    }
    return { operation: route.operation, labels }
  }
  return undefined
}
