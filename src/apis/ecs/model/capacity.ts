// Capacity providers: which a strategy may name, and which of them each task goes to.

import type { CapacityProvider, CapacityProviderStrategyItem } from '@aws-sdk/client-ecs'
import { capacityProviderArn, parseArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import { STRATEGY_BASE_MOST, STRATEGY_ITEMS, STRATEGY_WEIGHT_MOST } from './limits.ts'
import { isWithin, type Problems } from './validation/problem.ts'

/** Reserved names, there in every account. */
export const FARGATE_PROVIDERS = ['FARGATE', 'FARGATE_SPOT'] as const
export type FargateProvider = (typeof FARGATE_PROVIDERS)[number]

/** By name or ARN; undefined for any other. */
export const fargateProvider = (named: string): FargateProvider | undefined => {
  const name = parseArn(named)?.resource.replace(/^capacity-provider\//, '') ?? named
  return FARGATE_PROVIDERS.find((known) => known === name)
}

export const describeCapacityProvider = (scope: Scope, name: FargateProvider): CapacityProvider => ({
  capacityProviderArn: capacityProviderArn(scope, name),
  name,
  status: 'ACTIVE',
  type: name,
  tags: [],
})

export function* capacityProviderProblems(names: readonly string[]): Problems {
  const unknown = names.find((name) => fargateProvider(name) === undefined)
  if (unknown !== undefined) {
    yield `The specified capacity provider '${unknown}' was not found. Specify a valid name or ARN and try again.`
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html */
export function* strategyProblems(
  strategy: readonly CapacityProviderStrategyItem[],
  associated: readonly string[],
): Problems {
  const the = 'The specified capacity provider strategy'
  if (strategy.length > STRATEGY_ITEMS) yield `${the} can contain at most ${STRATEGY_ITEMS} capacity providers.`
  yield* capacityProviderProblems(strategy.map(({ capacityProvider = '' }) => capacityProvider))
  const names = strategy.map(({ capacityProvider = '' }) => fargateProvider(capacityProvider) ?? '')
  if (new Set(names).size < names.length) yield `${the} cannot contain duplicate capacity providers.`
  if (names.some((name) => !associated.includes(name))) {
    yield (
      `${the} cannot contain a capacity provider that is not associated with the cluster. ` +
        'Associate the capacity provider with the cluster and try again.'
    )
  }
  if (strategy.some(({ weight = 0 }) => !isWithin(weight, 0, STRATEGY_WEIGHT_MOST))) {
    yield `${the} contains an invalid weight. It must be between 0 and ${STRATEGY_WEIGHT_MOST}.`
  }
  if (strategy.some(({ base = 0 }) => !isWithin(base, 0, STRATEGY_BASE_MOST))) {
    yield `${the} contains an invalid base. It must be between 0 and ${STRATEGY_BASE_MOST}.`
  }
  if (strategy.filter(({ base = 0 }) => base > 0).length > 1) {
    yield (
      `${the} contains multiple capacity providers with a base value defined. ` +
        'Define a base value for one capacity provider and try again.'
    )
  }
  if (strategy.length > 1 && strategy.every(({ weight = 0 }) => weight === 0)) {
    yield `${the} must contain at least one capacity provider with a weight greater than zero.`
  }
}

/** The provider of each of `count` tasks: the base first, then by weight. A provider alone takes all, whatever its weight. */
export const placed = (strategy: readonly CapacityProviderStrategyItem[], count: number): FargateProvider[] => {
  const shares = strategy.map(({ capacityProvider = '', weight = 0, base = 0 }) => ({
    name: fargateProvider(capacityProvider) ?? 'FARGATE',
    weight: strategy.length === 1 ? 1 : weight,
    base,
    given: 0,
  }))
  const based = shares.flatMap(({ name, base }) => Array.from({ length: Math.min(base, count) }, () => name))
  const providers = based.slice(0, count)
  while (providers.length < count) {
    // AWS does not tell how it rounds: the share that is furthest behind comes next.
    const next = shares
      .filter(({ weight }) => weight > 0)
      .reduce((a, b) => ((b.given + 1) / b.weight < (a.given + 1) / a.weight ? b : a))
    next.given++
    providers.push(next.name)
  }
  return providers
}
