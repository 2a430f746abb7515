// Task sizes: how they are written, and which Fargate sells.

import { describe, expect, it, test } from 'vitest'
import { cpuUnits, FARGATE_SIZES, isFargateSize, memoryMiB } from './task-size.ts'

test.each([
  ['256', 256],
  ['1024', 1024],
  ['1 vCPU', 1024],
  ['1 vcpu', 1024],
  ['.25 vCPU', 256],
  ['0.5vCPU', 512],
  ['16 vCPU', 16_384],
  [' 256 ', 256],
  ['', undefined],
  ['0', undefined],
  ['-256', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['vCPU', undefined],
  ['. vCPU', undefined],
  ['0.0001 vCPU', undefined],
])('cpu "%s" is %s units', (text, units) => {
  expect(cpuUnits(text)).toBe(units)
})

test.each([
  ['512', 512],
  ['3 GB', 3072],
  ['3GB', 3072],
  ['0.5 gb', 512],
  ['3 GiB', undefined],
  ['1 TB', undefined],
  ['lots', undefined],
])('memory "%s" is %s MiB', (text, mib) => {
  expect(memoryMiB(text)).toBe(mib)
})

describe('Fargate', () => {
  it('sells these many sizes for each number of CPU units', () => {
    const counts = [...FARGATE_SIZES].map(
      ([cpu, memory]) => `${cpu}: ${memory.length}, ${memory[0]} to ${memory.at(-1)}`,
    )
    expect(counts).toMatchInlineSnapshot(`
      [
        "256: 3, 512 to 2048",
        "512: 4, 1024 to 4096",
        "1024: 7, 2048 to 8192",
        "2048: 13, 4096 to 16384",
        "4096: 23, 8192 to 30720",
        "8192: 12, 16384 to 61440",
        "16384: 12, 32768 to 122880",
        "32768: 3, 61440 to 249856",
      ]
    `)
  })

  test.each([
    [256, 1024, true],
    [256, 1536, false],
    [512, 512, false],
    [8192, 20_480, true],
    [8192, 17_408, false],
    [16_384, 36_864, false],
    [32_768, 249_856, true],
    [32_768, 131_072, false],
    [300, 512, false],
  ])('%i units with %i MiB: %s', (cpu, memory, sold) => {
    expect(isFargateSize(cpu, memory)).toBe(sold)
  })

  it('starts at one vCPU on Windows and ends at four', () => {
    expect(isFargateSize(512, 1024, true)).toBe(false)
    expect(isFargateSize(1024, 2048, true)).toBe(true)
    expect(isFargateSize(8192, 16_384, true)).toBe(false)
  })
})
