import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.ts'
import { poolOf } from './host-pool.ts'

describe('configuration', () => {
  it('takes flags before the environment, and the environment before the defaults', () => {
    expect(readConfig({}, {})).toMatchObject({ dataDir: '/var/lib/neargate', port: 4566, auth: 'on', egress: true })
    expect(readConfig({}, { NEARGATE_PORT: '5000' }).port).toBe(5000)
    expect(readConfig({ port: '6000' }, { NEARGATE_PORT: '5000' }).port).toBe(6000)
  })

  it('gives each data directory an instance of its own', () => {
    const one = readConfig({ data: '/tmp/one' }, {})
    const two = readConfig({ data: '/tmp/two' }, {})
    expect(one.instance).toMatch(/^[0-9a-f]{8}$/)
    expect(one.instance).not.toBe(two.instance)
    expect(one.runDir).toContain(one.instance)
  })

  it.each([
    [{ port: '70000' }, {}, /--port/],
    [{ auth: 'maybe' }, {}, /--auth/],
    [{ auth: 'off', host: '0.0.0.0' }, {}, /loopback/],
    [{}, { NEARGATE_ACCOUNT: '12' }, /twelve digits/],
    [{ egress: 'perhaps' }, {}, /--egress/],
  ])('refuses %j %j', (flags, env, words) => {
    expect(() => readConfig(flags, env)).toThrow(ConfigError)
    expect(() => readConfig(flags, env)).toThrow(words)
  })
})

describe('over-commitment', () => {
  it('promises CPU 32 times and memory 6 times, unless told otherwise', () => {
    expect(readConfig({}, {})).toMatchObject({ cpuOvercommit: 32, memoryOvercommit: 6, spotWarningSeconds: 120 })
    expect(readConfig({ memoryOvercommit: '1.5' }, { NEARGATE_CPU_OVERCOMMIT: '4' })).toMatchObject({
      cpuOvercommit: 4,
      memoryOvercommit: 1.5,
    })
  })

  it.each([
    [{ cpuOvercommit: '0' }, /--cpu-overcommit must be a number from 0.01/],
    [{ memoryOvercommit: 'lots' }, /--memory-overcommit/],
    [{ memoryOvercommit: '' }, /--memory-overcommit/],
  ])('refuses %j', (flags, words) => {
    expect(() => readConfig(flags, {})).toThrow(words)
  })

  it('makes room for the benchmark of 200 idle tasks on two CPUs and 24 GiB', () => {
    const pool = poolOf({ cpus: 2, memoryMiB: 24_000 }, readConfig({}, {}))
    expect(Math.min(pool.cpuUnits / 256, pool.memoryMiB / 512)).toBeGreaterThan(200)
  })
})
