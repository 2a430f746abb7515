import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

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
