// Which of the volumes that an image declares are made for a container.

import { expect, it } from 'vitest'
import type { EngineContainer, ImageConfig } from '../engine.ts'
import { volumePaths } from './image-volumes.ts'
import { IMAGE_VOLUMES } from './limits.ts'

const pathsOf = (volumes: readonly string[], mounted: readonly string[] = [], tmpfs: readonly string[] = []) =>
  volumePaths(
    { volumes } as unknown as ImageConfig,
    { mounts: mounted.map((path) => ({ path })), tmpfs: tmpfs.map((path) => ({ path })) } as unknown as EngineContainer,
  )

it.each([
  ['as declared, parents first', ['/b/c', '/a', '/b'], ['/a', '/b', '/b/c']],
  ['once, however written', ['/a/', 'a', '/x/../a'], ['/a']],
  ['never over what the kernel shows', ['/proc', '/proc/self/attr', '/sys/fs', '/dev', '/x/../dev/shm'], []],
  ['beside names that only begin alike', ['/process', '/device'], ['/device', '/process']],
  ['never over everything', ['/', '', '/a/..'], []],
])('%s', (_, volumes, made) => {
  expect(pathsOf(volumes)).toEqual(made)
})

it('leaves alone where the task definition mounts something itself', () => {
  expect(pathsOf(['/a', '/b', '/c'], ['/a/'], ['/b'])).toEqual(['/c'])
})

it('refuses an image that declares too many', () => {
  const many = Array.from({ length: IMAGE_VOLUMES + 1 }, (_, index) => `/v${index}`)
  expect(() => pathsOf(many)).toThrow(`more than ${IMAGE_VOLUMES} volumes`)
})
