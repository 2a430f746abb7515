// Goal: what explanations say of a path is what packets find. Method: worlds and questions are drawn from a seed, real
// packets are sent between real namespaces, and each verdict is compared with what arrived and came back.

import './private-host.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Random, seededRandom } from '#base/random.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import { explainPath } from '../explain.ts'
import type { PathExplanation, PathQuestion } from '../path.ts'
import { drawnInterfaces, drawnQuestion, drawnVpc, type DrawnWorld } from './explain-world.ts'
import { linuxHarness, type LinuxHarness, WAN } from './linux-harness.ts'

const SEEDS = [1, 2, 3]
const WORLDS_PER_SEED = 2
/** Of them, as many as possible are allowed and half at least are denied: what is drawn is mostly denied. */
const QUESTIONS_PER_WORLD = 50
const DRAWN_PER_WORLD = 400
/** Probes at once: each waits a second for what is dropped. */
const AT_ONCE = 20
/** A machine that is busy may lose a packet that the rules let pass; it never delivers one that they drop. */
const ATTEMPTS = 3

let harness: LinuxHarness
beforeEach(async () => {
  harness = await linuxHarness(inProcessKernel, { egress: true })
})
afterEach(async () => {
  await harness.close()
})

const arrives = async ({ from, to, protocol, port }: PathQuestion, expected: boolean): Promise<boolean> => {
  const sender = from === 'host' ? from : 'outside' in from ? harness.internetPath : from.interfaceId
  for (let attempt = 0; attempt < (expected ? ATTEMPTS : 1); attempt++) {
    if (await harness.reaches({ from: sender, to, protocol, port })) return true
  }
  return false
}

const told = (question: PathQuestion, { allowed, steps }: PathExplanation): string =>
  `${JSON.stringify(question)} is said to be ${allowed ? 'allowed' : 'denied'}, and is not:\n${steps
    .map(({ says }) => `  ${says}`)
    .join('\n')}`

interface Verdict {
  readonly question: PathQuestion
  readonly explanation: PathExplanation
}

/** All different, and of both kinds. */
const drawnVerdicts = (random: Random, world: DrawnWorld): Verdict[] => {
  const snapshot = { ...world, egressAllowed: true, hostAddresses: [WAN.host, WAN.hostIpv6] }
  const drawn = Array.from({ length: DRAWN_PER_WORLD }, () => drawnQuestion(random, world, WAN))
  const different = new Map(drawn.map((question) => [JSON.stringify(question), question]))
  const verdicts = [...different.values()].map((question) => ({
    question,
    explanation: explainPath(snapshot, question),
  }))
  const allowed = verdicts.filter(({ explanation }) => explanation.allowed).slice(0, QUESTIONS_PER_WORLD / 2)
  const denied = verdicts.filter(({ explanation }) => !explanation.allowed)
  return [...allowed, ...denied.slice(0, QUESTIONS_PER_WORLD - allowed.length)]
}

it.each(SEEDS)('verdicts are what packets find, seed %i', { timeout: 300_000 }, async (seed) => {
  const random = seededRandom(seed)
  const wrong: string[] = []
  const asked: Verdict[] = []
  for (let number = 0; number < WORLDS_PER_SEED; number++) {
    const world: DrawnWorld = {
      vpcs: [drawnVpc(random, 'vpc-a', '198.18.0.201'), drawnVpc(random, 'vpc-b', '198.18.0.202')],
      interfaces: [...drawnInterfaces(random, 'vpc-a'), ...drawnInterfaces(random, 'vpc-b')],
    }
    const { network } = harness
    for (const vpc of world.vpcs) await network.applyVpc(vpc)
    for (const plan of world.interfaces) await (number === 0 ? network.attach(plan) : network.update(plan))
    const verdicts = drawnVerdicts(random, world)
    asked.push(...verdicts)
    for (let at = 0; at < verdicts.length; at += AT_ONCE) {
      await Promise.all(
        verdicts.slice(at, at + AT_ONCE).map(async ({ question, explanation }) => {
          const { allowed } = explanation
          if ((await arrives(question, allowed)) !== allowed) wrong.push(told(question, explanation))
        }),
      )
    }
  }
  expect(wrong).toEqual([])
  expect(asked).toHaveLength(WORLDS_PER_SEED * QUESTIONS_PER_WORLD)
  expect(asked.filter(({ explanation }) => explanation.allowed).length).toBeGreaterThan(asked.length / 4)
})
