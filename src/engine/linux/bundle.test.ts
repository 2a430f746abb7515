// What a container runs, and with which rights, as ECS and Docker would have it.

import { describe, expect, it } from 'vitest'
import type { EngineContainer, ImageConfig } from '../engine.ts'
import { argumentsOf, effectiveCapabilities } from './bundle.ts'
import { signalNumber } from './container.ts'

const image = { entryPoint: ['/entry'], command: ['image', 'words'] } as unknown as ImageConfig
const container = (changes: Partial<EngineContainer>): EngineContainer =>
  ({ capabilities: { add: [], drop: [] }, ...changes }) as EngineContainer

describe('a container of an image with entry point and command', () => {
  it.each([
    [{}, ['/entry', 'image', 'words']],
    [{ command: ['mine'] }, ['/entry', 'mine']],
    [{ entryPoint: ['/mine'] }, ['/mine']],
    [{ entryPoint: ['/mine'], command: ['too'] }, ['/mine', 'too']],
    [{ entryPoint: [], command: ['alone'] }, ['alone']],
    [{ entryPoint: [] }, []],
  ])('that says %j runs %j', (changes, expected) => {
    expect(argumentsOf(container(changes), image)).toEqual(expected)
  })
})

describe('capabilities', () => {
  it('are the default ones, less what was dropped, more what was added', () => {
    const found = effectiveCapabilities(container({ capabilities: { add: ['SYS_PTRACE'], drop: ['NET_RAW'] } }))
    expect(found).toContain('CAP_SYS_PTRACE')
    expect(found).toContain('CAP_CHOWN')
    expect(found).not.toContain('CAP_NET_RAW')
    expect(found).not.toContain('CAP_SYS_ADMIN')
  })

  it('are those added alone when all were dropped', () => {
    const found = effectiveCapabilities(container({ capabilities: { add: ['SYS_PTRACE'], drop: ['ALL'] } }))
    expect(found).toEqual(['CAP_SYS_PTRACE'])
  })
})

it.each([
  [undefined, 15],
  ['', 15],
  ['SIGQUIT', 3],
  ['quit', 3],
  ['9', 9],
  ['SIGRTMIN+3', 37],
  ['nonsense', 15],
])('stop signal %s is number %i', (name, number) => {
  expect(signalNumber(name)).toBe(number)
})
