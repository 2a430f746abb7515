// What containers of the real engine see and get: limits, users, files, volumes, output, and what is said when they
// cannot start.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import type { ContainerObservation, EngineContainer, EngineTask } from '../engine.ts'
import { containerOf, endTrial, openTrial, taskOf, TASK, type Trial } from './host-for-tests.ts'

describe('containers on this machine', () => {
  let trial: Trial

  beforeEach(async () => {
    trial = await openTrial()
  })
  afterEach(() => endTrial(trial))

  const seen = async (id: string) => (await trial.engine.observeTask(TASK))?.containers.find((one) => one.id === id)
  const ended = async (id: string): Promise<ContainerObservation> => {
    for (let turn = 0; turn < 2000; turn++) {
      const found = await seen(id)
      if (found?.state === 'exited') return found
      await systemClock.sleep(0.01)
    }
    throw new Error(`${id} never ended`)
  }
  const launched = async (changes: Partial<EngineContainer>): Promise<EngineContainer> => {
    const container = containerOf(changes)
    await trial.engine.create(container)
    await trial.engine.start(container.id)
    return container
  }
  const prepared = (changes: Partial<EngineTask> = {}) => trial.engine.prepare(taskOf(trial, changes))
  const shell = (script: string): Partial<EngineContainer> => ({ entryPoint: ['/bin/sh', '-c', script] })
  const sleeper: Partial<EngineContainer> = { entryPoint: ['/bin/sleep', '1000'] }
  const textOf = (found: ContainerObservation): string =>
    readFileSync(found.outputFile, 'utf8')
      .split('\n')
      .map((line) => line.split(' ').slice(3).join(' '))
      .join('\n')
  /** What a script prints in a container like this. */
  const printed = async (script: string, changes: Partial<EngineContainer> = {}): Promise<string> => {
    const { id } = await launched({ ...shell(script), ...changes })
    return textOf(await ended(id)).trim()
  }

  it('tells a container that took too much memory', async () => {
    await prepared({ memoryMiB: 64 })
    const { id } = await launched(shell('tail -c 200000000 /dev/zero'))
    expect(await ended(id)).toMatchObject({ exitCode: 137, oomKilled: true })
  })

  it('keeps a container within its own memory, and its neighbours alive', async () => {
    await prepared({ memoryMiB: 512 })
    const neighbour = await launched(sleeper)
    const { id } = await launched({ ...shell('tail -c 200000000 /dev/zero'), memoryMiB: 32 })
    expect(await ended(id)).toMatchObject({ exitCode: 137, oomKilled: true })
    expect(await seen(neighbour.id)).toMatchObject({ state: 'running' })
  })

  it('gives a task the CPU time it was sized for', async () => {
    await prepared({ cpuMillis: 100 })
    const busy = shell('while :; do :; done')
    const first = await launched(busy)
    await launched(busy)
    await systemClock.sleep(1)
    const stats = await trial.engine.stats(first.id)
    expect(stats?.cpuThrottledPeriods).toBeGreaterThan(3)
    // A tenth of a CPU for both together; twice that would be no limit.
    expect(stats?.cpuNanos).toBeLessThan(200_000_000)
  })

  it('keeps a fork bomb within its task', async () => {
    await prepared()
    const neighbour = await launched(sleeper)
    const limit = `/sys/fs/cgroup/pids/neargate-${trial.options.instance}/${TASK}/pids.max`
    expect(readFileSync(limit, 'utf8').trim()).toBe('16384')
    // Fewer, so that the machine of the test does not suffer.
    writeFileSync(limit, '60')
    const bomb = await launched(shell('for i in $(seq 200); do sleep 100 & done; wait'))
    const said = async () => textOf((await seen(bomb.id)) as ContainerObservation)
    for (let turn = 0; turn < 500 && !/fork/.test(await said()); turn++) await systemClock.sleep(0.01)
    expect(await said()).toMatch(/can't fork/)
    expect(await seen(neighbour.id)).toMatchObject({ state: 'running' })
  })

  it('stops a task at the disk space it asked for, and nobody else', async () => {
    await prepared({ storageGiB: 1, volumes: ['data'] })
    const { id } = await launched({ ...sleeper, mounts: [{ volume: 'data', path: '/data', readOnly: false }] })
    const fill =
      'dd if=/dev/zero of=/data/big bs=1M count=900 2>/dev/null; dd if=/dev/zero of=/big bs=1M count=1200 2>&1'
    const { exitCode, output } = await trial.engine.exec(id, ['/bin/sh', '-c', fill], 110)
    expect(output).toContain('No space left on device')
    expect(exitCode).not.toBe(0)
    const use = await trial.engine.storage(TASK)
    expect(use?.usedMiB).toBeGreaterThan(1000)
    expect(use?.usedMiB).toBeLessThan(2100)
  })

  it.each([
    ['no-such-program', 'exec: "no-such-program": executable file not found in $PATH'],
    ['/no/such/program', 'exec: "/no/such/program": stat /no/such/program: no such file or directory'],
    ['/etc/passwd', 'exec: "/etc/passwd": permission denied'],
  ])('says why %s cannot start', async (program, reason) => {
    await prepared()
    await expect(launched({ entryPoint: [program] })).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining(`unable to start container process: ${reason}: unknown`),
    })
    expect((await trial.engine.observeTask(TASK))?.containers).toEqual([])
  })

  it('refuses users and groups that the image does not know', async () => {
    await prepared()
    await expect(launched({ ...sleeper, user: 'nobody' })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'unable to find user nobody: no matching entries in passwd file',
    })
    await expect(launched({ ...sleeper, user: 'app:staff' })).rejects.toMatchObject({
      message: 'unable to find group staff: no matching entries in group file',
    })
    await expect(launched({ ...sleeper, user: '70000' })).rejects.toMatchObject({ kind: 'invalid' })
  })

  it.each([
    [undefined, 'uid=0(root) gid=0(root) groups=0(root)'],
    ['app', 'uid=1000(app) gid=1000(app) groups=1000(app),2000(extra)'],
    ['1000:extra', 'uid=1000(app) gid=2000(extra) groups=2000(extra)'],
    ['7:8', 'uid=7 gid=8 groups=8'],
  ])('runs as user %s', async (user, identity) => {
    await prepared()
    const said = await printed('id', user === undefined ? {} : { user })
    expect(said).toBe(identity)
  })

  it('gives environment, folder, host name and name resolution', async () => {
    await prepared()
    const script = 'pwd; hostname; echo $FROM_IMAGE $MINE $HOME; cat /etc/hosts /etc/resolv.conf; ulimit -n'
    const said = await printed(script, { environment: { MINE: 'a b' }, workingDirectory: '/made/for/it', user: 'app' })
    expect(said.split('\n')).toEqual([
      '/made/for/it',
      'ip-10-0-1-23.ec2.internal',
      '1 a b /home/app',
      '127.0.0.1 localhost',
      '::1 localhost ip6-localhost ip6-loopback',
      '10.0.1.23 ip-10-0-1-23.ec2.internal',
      'search example.internal',
      'nameserver 10.0.0.2',
      expect.stringMatching(/^\d+$/),
    ])
  })

  it('obeys ulimits, sysctls, tmpfs sizes and the size of /dev/shm', async () => {
    await prepared({ memoryMiB: 1024 })
    const script =
      'ulimit -n; cat /proc/sys/kernel/msgmax /proc/sys/net/core/somaxconn; df -m /cache /dev/shm | tr -s " "'
    const said = await printed(script, {
      ulimits: [{ name: 'nofile', soft: 512, hard: 1024 }],
      sysctls: { 'kernel.msgmax': '4096', 'net.core.somaxconn': '77' },
      tmpfs: [{ path: '/cache', sizeMiB: 10, options: ['noexec'] }],
    })
    expect(said).toMatch(/^512\n4096\n77\n/)
    expect(said).toMatch(/^tmpfs 10 .*\/cache$/m)
    expect(said).toMatch(/^shm 512 .*\/dev\/shm$/m)
  })

  it('says which sysctl does not exist', async () => {
    await prepared()
    const bad = launched({ ...sleeper, sysctls: { 'net.no.such': '1' } })
    await expect(bad).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('net.no.such') })
  })

  it('reaps and passes signals on when an init was asked for', async () => {
    await prepared()
    const { id } = await launched({ ...sleeper, init: true })
    expect((await trial.engine.exec(id, ['/bin/sh', '-c', 'cat /proc/1/cmdline | tr "\\0" " "'], 5)).output).toBe(
      '/dev/init -- /bin/sleep 1000 ',
    )
    await systemClock.sleep(0.1)
    await trial.engine.signal(id, 'STOP')
    expect(await ended(id)).toMatchObject({ exitCode: 143 })
  })

  it('shares volumes between the containers of a task, read-only where wanted', async () => {
    await prepared({ volumes: ['a', 'b'] })
    const writer = await launched({
      ...shell('echo hello > /out/x'),
      mounts: [{ volume: 'b', path: '/out', readOnly: false }],
    })
    await ended(writer.id)
    const mounts = [{ volume: 'b', path: '/in/deep', readOnly: true }]
    expect(await printed('cat /in/deep/x; touch /in/deep/y 2>&1 || echo refused', { mounts })).toMatch(
      /^hello\n.*\nrefused$/,
    )
  })

  it('lets a container write nowhere but in its volumes when its root is read-only', async () => {
    await prepared({ volumes: ['data'] })
    const said = await printed('touch /x 2>&1 || echo refused; touch /data/x && echo written', {
      readonlyRootFilesystem: true,
      mounts: [{ volume: 'data', path: '/data', readOnly: false }],
    })
    expect(said).toMatch(/refused\nwritten$/)
  })

  it('lets containers of a task see one another, and outlive one another, when they share processes', async () => {
    await prepared({ pidMode: 'task' })
    const first = await launched(shell('sleep 0.5'))
    const second = await launched({ ...sleeper, user: 'app' })
    const list = () => trial.engine.exec(second.id, ['/bin/sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'], 5)
    expect((await list()).output).toContain('sleep 0.5 ')
    await ended(first.id)
    const { output } = await list()
    expect(output).toContain('/program')
    expect(output).not.toContain('sleep 0.5')
    expect((await trial.engine.observeTask(TASK))?.containers).toHaveLength(2)
    // What holds the namespace shows nothing of the host.
    const third = await launched({ ...sleeper, capabilities: { add: ['SYS_PTRACE'], drop: [] } })
    const root = await trial.engine.exec(third.id, ['/bin/sh', '-c', 'ls /proc/1/root/'], 5)
    expect(root.output.split(/\s+/).filter(Boolean).toSorted()).toEqual(['dev', 'proc', 'program', 'sys'])
  })

  it('keeps containers from seeing one another otherwise', async () => {
    await prepared()
    await launched(sleeper)
    expect(await printed('cat /proc/[0-9]*/cmdline | tr "\\0" " "')).not.toContain('1000')
  })

  it('lets any user open any port', async () => {
    await prepared()
    const said = await printed('(nc -l -p 80 & sleep 0.1; kill $! && echo listened)', { user: 'app' })
    expect(said).toBe('listened')
  })

  it('keeps both streams of output, and appends when a container is made anew', async () => {
    await prepared()
    const container = await launched(shell('echo out; echo err >&2; printf "no newline"'))
    const first = await ended(container.id)
    await trial.engine.recreate(container)
    await trial.engine.start(container.id)
    await ended(container.id)
    await systemClock.sleep(0.1)
    const lines = readFileSync(first.outputFile, 'utf8').trim().split('\n')
    expect(lines).toHaveLength(6)
    expect(lines.filter((line) => line.endsWith(' stdout F out'))).toHaveLength(2)
    expect(lines.filter((line) => line.endsWith(' stderr F err'))).toHaveLength(2)
    expect(lines.filter((line) => line.endsWith(' stdout P no newline'))).toHaveLength(2)
  })

  it('uses the image’s stop signal', async () => {
    await endTrial(trial)
    trial = await openTrial({}, { stopSignal: 'SIGUSR1' })
    await prepared()
    const { id } = await launched(shell('trap "exit 21" USR1; while :; do sleep 0.02; done'))
    await systemClock.sleep(0.2)
    await trial.engine.signal(id, 'STOP')
    expect(await ended(id)).toMatchObject({ exitCode: 21 })
  })

  it('tells of an end that nobody could record', async () => {
    await prepared()
    const { id } = await launched(sleeper)
    const { pid = 0 } = (await seen(id)) ?? {}
    const conmon = Number(
      readFileSync(`${trial.options.runDir}/engine/tasks/${TASK}/containers/${id}/conmon.pid`, 'utf8'),
    )
    process.kill(conmon, 'SIGKILL')
    expect(await seen(id)).toMatchObject({ state: 'running' })
    process.kill(pid, 'SIGKILL')
    const found = await ended(id)
    expect(found).not.toHaveProperty('exitCode')
  })

  it('removes what another process left half made', async () => {
    await prepared()
    const container = await launched(sleeper)
    const folder = `${trial.options.runDir}/engine/tasks/${TASK}`
    // As after a crash between the runtime's work and our record of it.
    rmSync(`${folder}/containers/${container.id}/made.json`)
    rmSync(`${folder}/task.json`)
    await trial.engine.close()
    const { openLinuxEngine } = await import('./linux-engine.ts')
    const next = await openLinuxEngine(trial.options)
    expect(await next.observe()).toEqual([{ id: TASK, prepared: false, containers: [] }])
    await next.remove(TASK)
    expect(await next.observe()).toEqual([])
    expect(existsSync(folder)).toBe(false)
    trial = { ...trial, engine: next }
  })

  it('shows the output of tasks that a restart of the host has ended, and removes it', async () => {
    const { engine, options } = trial
    const other = 'f'.repeat(32)
    const id = `${other}-0000000001`
    const file = `${options.dataDir}/engine/output/${id}.log`
    writeFileSync(file, '2026-11-21T00:00:00.000000000+00:00 stdout F last words\n')
    await engine.close()
    const { openLinuxEngine } = await import('./linux-engine.ts')
    const next = await openLinuxEngine(options)
    trial = { ...trial, engine: next }
    const found = await next.observeTask(other)
    expect(found).toMatchObject({ prepared: false, containers: [{ id, state: 'exited', outputFile: file }] })
    expect(found?.containers[0]?.startedAt).toBeDefined()
    expect((await next.observe()).map((task) => task.id)).toContain(other)
    await next.remove(other)
    expect(await next.observeTask(other)).toBeUndefined()
    expect(existsSync(file)).toBe(false)
  })

  it('shows nothing of a task to those that get its file system after it', async () => {
    // More tasks than file systems are made ahead.
    for (let round = 0; round < 8; round++) {
      await prepared({ volumes: ['v'] })
      expect((await trial.engine.storage(TASK))?.usedMiB).toBeLessThan(8)
      const mounts = [{ volume: 'v', path: '/v', readOnly: false }]
      expect(await printed('ls -A /v; cat /secret 2>/dev/null; echo x | tee /secret > /v/secret', { mounts })).toBe('')
      await trial.engine.remove(TASK)
    }
  })
})
