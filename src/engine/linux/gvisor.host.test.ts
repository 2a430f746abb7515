// Goal: a task of the isolation class "gvisor" runs on a kernel of its own, and is a task like any other in the rest.
// Method: real sandboxes; what they print, what the host sees of them, and what is said where they cannot be had.

import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import type { ContainerObservation, EngineContainer, EngineTask } from '../engine.ts'
import { containerOf, endTrial, openTrial, rememberGvisor, taskOf, TASK, type Trial } from './host-for-tests.ts'
import { openLinuxEngine, type OpenOptions } from './linux-engine.ts'
import type { ImageConfig } from '../engine.ts'

/** CAP_NET_ADMIN, CAP_SYS_MODULE, CAP_SYS_RAWIO and CAP_SYS_ADMIN as bits. */
const HOST_POWERS = (1n << 12n) | (1n << 16n) | (1n << 17n) | (1n << 21n)

let trial: Trial
afterEach(() => endTrial(trial))

const sandboxes = async (changes: Partial<EngineTask> = {}, config: Partial<ImageConfig> = {}): Promise<void> => {
  trial = await openTrial({}, config)
  await rememberGvisor(trial)
  await trial.engine.prepare(taskOf(trial, { isolation: 'gvisor', ...changes }))
}

const inNetwork = (...command: readonly string[]): string =>
  execFileSync('nsenter', [`--net=${trial.networkNamespace(TASK)}`, ...command], { encoding: 'utf8' })

const shell = (script: string): Partial<EngineContainer> => ({ entryPoint: ['/bin/sh', '-c', script] })

const launched = async (changes: Partial<EngineContainer>): Promise<string> => {
  const container = containerOf(changes)
  await trial.engine.create(container)
  await trial.engine.start(container.id)
  return container.id
}

const seen = async (id: string) => (await trial.engine.observeTask(TASK))?.containers.find((one) => one.id === id)

const ended = async (id: string): Promise<ContainerObservation> => {
  for (let turn = 0; turn < 2000; turn++) {
    const found = await seen(id)
    if (found?.state === 'exited') return found
    await systemClock.sleep(0.01)
  }
  throw new Error(`${id} never ended`)
}

const textOf = (found: ContainerObservation): string =>
  readFileSync(found.outputFile, 'utf8').replaceAll(/^\S+ \S+ \S /gm, '')

const printed = async (changes: Partial<EngineContainer>): Promise<string> =>
  textOf(await ended(await launched(changes)))

const inside = async (id: string, script: string): Promise<string> =>
  (await trial.engine.exec(id, ['/bin/sh', '-c', script], 10)).output

describe('a sandbox', () => {
  it('has a kernel of its own, with the task’s memory for a machine', async () => {
    await sandboxes({ memoryMiB: 256 })
    const said = await printed(shell('cat /proc/version; dmesg; grep MemTotal /proc/meminfo; ls /sys/fs/cgroup'))
    expect(said).toContain('Starting gVisor')
    expect(said).not.toContain(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim())
    expect(said).toContain('MemTotal:         262144 kB')
  })

  it('is to the host one confined process in the task’s own network and cgroup', async () => {
    await sandboxes()
    const id = await launched({ entryPoint: ['/bin/sleep', '1000'] })
    const { pid } = (await seen(id)) ?? {}
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    expect(status).toMatch(/^Name:\s+exe$/m)
    expect(status).toMatch(/^Seccomp:\s+2$/m)
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
    // Mounting, loading modules and changing the network are beyond it, unless it is nobody on the host.
    const capabilities = BigInt(`0x${/^CapEff:\s+(\w+)$/m.exec(status)?.[1]}`)
    const isNobody = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) >= 0x70000000
    expect(isNobody || (capabilities & HOST_POWERS) === 0n).toBe(true)
    const network = statSync(trial.networkNamespace(TASK)).ino
    expect(readlinkSync(`/proc/${pid}/ns/net`)).toBe(`net:[${network}]`)
    for (const kind of ['mnt', 'ipc', 'uts']) {
      expect(readlinkSync(`/proc/${pid}/ns/${kind}`)).not.toBe(readlinkSync(`/proc/self/ns/${kind}`))
    }
    expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toContain(`/${TASK}/${id}`)
    expect(await trial.engine.stats(id)).toMatchObject({ memoryLimitBytes: 512 * 1024 * 1024 })
    expect((await trial.engine.stats(id))?.memoryBytes).toBeGreaterThan(1024 * 1024)
  })

  it('meets the task’s other containers at localhost and in volumes', async () => {
    await sandboxes({ volumes: ['shared'] })
    inNetwork('ip', 'link', 'set', 'lo', 'up')
    const mounts = [{ volume: 'shared', path: '/shared', readOnly: false }]
    await launched({ ...shell('echo file > /shared/file; echo heard | nc -l -p 8080; sleep 1000'), mounts })
    const script = 'while ! nc 127.0.0.1 8080; do sleep 0.1; done; cat /shared/file'
    expect(await printed({ ...shell(script), mounts })).toMatch(/heard\nfile\n$/)
  })

  it('that takes too much memory is ended and says so; its neighbour goes on', async () => {
    await sandboxes()
    const neighbour = await launched({ entryPoint: ['/bin/sleep', '1000'] })
    const id = await launched({ ...shell('tail -c 200000000 /dev/zero'), memoryMiB: 64 })
    expect(await ended(id)).toMatchObject({ exitCode: 137, oomKilled: true })
    expect(await seen(neighbour)).toMatchObject({ state: 'running' })
  })

  it('has a terminal, an init, the image’s user and the limits that were asked for', async () => {
    await sandboxes()
    const said = await printed({
      ...shell(
        'test -t 0 && echo terminal; id; ulimit -n; cat /proc/1/cmdline | tr "\\0" " "; touch /x || echo refused; df -m /cache',
      ),
      tty: true,
      init: true,
      user: 'app',
      readonlyRootFilesystem: true,
      ulimits: [{ name: 'nofile', soft: 512, hard: 1024 }],
      tmpfs: [{ path: '/cache', sizeMiB: 10, options: [] }],
    })
    expect(said.replaceAll('\r', '')).toMatch(
      /^terminal\nuid=1000\(app\) gid=1000\(app\) groups=1000\(app\),2000\(extra\)\n512\n\/dev\/init -- \/bin\/sh[^]*refused\n[^]*\s10 /,
    )
  })

  it('is sent the image’s stop signal', async () => {
    await sandboxes({}, { stopSignal: 'SIGUSR1' })
    const id = await launched(shell('trap "exit 21" USR1; echo ready; while :; do sleep 0.02; done'))
    while (!textOf((await seen(id)) as ContainerObservation).includes('ready')) await systemClock.sleep(0.01)
    await trial.engine.signal(id, 'STOP')
    expect(await ended(id)).toMatchObject({ exitCode: 21 })
  })

  it('loses a command that took too long with all that it had started', async () => {
    await sandboxes()
    const id = await launched({ entryPoint: ['/bin/sleep', '1000'] })
    const command = ['/bin/sh', '-c', '(sleep 71 & sleep 72) & sleep 73']
    await expect(trial.engine.exec(id, command, 1)).rejects.toMatchObject({ kind: 'timeout' })
    expect(await inside(id, 'cat /proc/[0-9]*/cmdline | tr "\\0" " "')).not.toMatch(/sleep 7/)
  })

  it('is refused what gVisor cannot do, and gets the network settings of its task', async () => {
    await sandboxes()
    const refused = launched({ ...shell('true'), sysctls: { 'kernel.msgmax': '4096' } })
    await expect(refused).rejects.toMatchObject({ kind: 'unsupported', message: expect.stringContaining('msgmax') })
    await launched({ entryPoint: ['/bin/sleep', '1000'], sysctls: { 'net.core.somaxconn': '77' } })
    expect(inNetwork('cat', '/proc/sys/net/core/somaxconn')).toBe('77\n')
    const shared = trial.engine.prepare(taskOf(trial, { id: 'a'.repeat(32), isolation: 'gvisor', pidMode: 'task' }))
    await expect(shared).rejects.toMatchObject({ kind: 'unsupported', message: expect.stringContaining('pidMode') })
  })
})

describe('what runsc can do here', () => {
  const prepared = async (options: Partial<OpenOptions>) => {
    trial = await openTrial(options)
    return trial.engine.prepare(taskOf(trial, { isolation: 'gvisor' }))
  }

  it('is said to be missing, with the command that mends it; other tasks do not care', async () => {
    await expect(prepared({ runsc: '/no/such/runsc' })).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('apt-get install runsc'),
    })
    await trial.engine.prepare(taskOf(trial))
    expect(await trial.engine.observe()).toEqual([{ id: TASK, prepared: true, containers: [] }])
  })

  it('is given up in bounded time where a platform hangs, and leaves nothing', async () => {
    trial = await openTrial()
    const program = join(dirname(trial.options.dataDir), 'data', 'runsc')
    writeFileSync(program, '#!/bin/sh\n[ "$1" = --version ] && exec echo runsc version 1\nexec sleep 1000\n')
    chmodSync(program, 0o755)
    await trial.engine.close()
    const hurried = {
      ...systemClock,
      sleep: (s: number, signal?: AbortSignal) => systemClock.sleep(Math.min(s, 0.2), signal),
    }
    const engine = await openLinuxEngine({ ...trial.options, runsc: program, clock: hurried })
    trial = { ...trial, engine }
    await expect(engine.prepare(taskOf(trial, { isolation: 'gvisor' }))).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringMatching(/systrap: runsc 1: no end.*ptrace: runsc 1: no end/),
    })
  })

  it('is remembered until the next boot', async () => {
    await prepared({})
    const memory = join(trial.options.runDir, 'engine', 'gvisor.json')
    const { found } = JSON.parse(readFileSync(memory, 'utf8')) as { found: { platform: string } }
    expect(['systrap', 'ptrace']).toContain(found.platform)
    const { mtimeMs } = statSync(memory)
    await launched({ entryPoint: ['/bin/sleep', '1000'] })
    await trial.engine.remove(TASK)
    expect(readdirSync(join(trial.options.runDir, 'engine', 'runtime', 'runsc'))).toEqual([])
    await trial.engine.close()
    trial = { ...trial, engine: await openLinuxEngine(trial.options) }
    await trial.engine.prepare(taskOf(trial, { isolation: 'gvisor' }))
    expect(statSync(memory).mtimeMs).toBe(mtimeMs)
  })
})
