// What a container may not do to its host, tried from inside, as root and with every default capability.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { containerOf, endTrial, openTrial, taskOf, TASK, type Trial } from './host-for-tests.ts'

/** What only a kernel of one's own makes harmless: its own log, and the order of its own processes. */
const HARMLESS_IN_A_SANDBOX = ['read the kernel log', 'run with higher priority']

describe.each(['default', 'gvisor'] as const)('a container of the class "%s"', (isolation) => {
  const sandboxed = isolation === 'gvisor'
  let trial: Trial
  const prisoner = containerOf({ name: 'prisoner', entryPoint: ['/bin/sleep', '1000'] })
  const locked = containerOf({
    name: 'locked',
    entryPoint: ['/bin/sleep', '1000'],
    user: 'app',
    readonlyRootFilesystem: true,
    mounts: [{ volume: 'data', path: '/data', readOnly: true }],
    capabilities: { add: [], drop: ['ALL'] },
  })

  beforeAll(async () => {
    trial = await openTrial()
    await trial.engine.prepare(taskOf(trial, { isolation, volumes: ['data'] }))
    for (const container of [prisoner, locked]) {
      await trial.engine.create(container)
      await trial.engine.start(container.id)
    }
  })
  afterAll(() => endTrial(trial))

  const inside = (command: string, id = prisoner.id) => trial.engine.exec(id, ['/bin/sh', '-c', command], 20)
  const pid = async (): Promise<number> => (await trial.engine.observeTask(TASK))?.containers[0]?.pid ?? 0

  const attempts = [
    ['mount a tmpfs', 'mount -t tmpfs none /tmp'],
    ['mount proc anew', 'mkdir -p /tmp/p; mount -t proc proc /tmp/p'],
    ['mount sysfs', 'mkdir -p /tmp/s; mount -t sysfs sysfs /tmp/s'],
    ['mount cgroups', 'mkdir -p /tmp/c; mount -t cgroup -o memory cgroup /tmp/c'],
    ['bind over /proc/sys', 'mount --bind /tmp /proc/sys'],
    ['make the root writable by remounting', 'mount -o remount,rw /sys'],
    ['unmount a mask', 'umount /proc/kcore'],
    ['make a disk node and read it', 'mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk'],
    ['make a memory node and read it', 'mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem'],
    ['set the core pattern', 'echo "|/tmp/x" > /proc/sys/kernel/core_pattern'],
    ['set a kernel sysctl', 'echo 1 > /proc/sys/kernel/sysrq'],
    ['pull the emergency brake', 'echo b > /proc/sysrq-trigger'],
    ['write to sysfs', 'echo 1 > /sys/kernel/profiling'],
    ['set a uevent helper', 'echo /tmp/x > /sys/kernel/uevent_helper'],
    ['read kernel memory', 'head -c 64 /proc/kcore | grep -q .'],
    ['read the kernel log', 'dmesg | grep -q .'],
    ['read the kernel keys', 'grep -q . /proc/keys'],
    [
      'raise its memory limit',
      'echo -1 > /sys/fs/cgroup/memory/memory.limit_in_bytes || echo max > /sys/fs/cgroup/memory.max',
    ],
    [
      'leave its cgroup',
      'for d in /sys/fs/cgroup /sys/fs/cgroup/*; do echo $$ > $d/../cgroup.procs && exit 0; done; exit 1',
    ],
    ['set a release agent', 'for d in /sys/fs/cgroup/*; do echo /tmp/x > $d/release_agent && exit 0; done; exit 1'],
    ['make a user namespace', 'unshare -r true'],
    ['make a mount namespace', 'unshare -m true'],
    ['enter the namespaces of process 1', 'nsenter -t 1 -m -u -i -n true'],
    ['load a module', 'touch /tmp/x.ko; insmod /tmp/x.ko'],
    ['swap', 'dd if=/dev/zero of=/tmp/swap bs=4096 count=20; chmod 600 /tmp/swap; swapon /tmp/swap'],
    ['reboot', 'reboot -f'],
    ['set the clock', 'test "$(date -s 2000-01-01 2>&1 >&- | wc -l)" = 0'],
    ['rename its host', 'hostname evil'],
    ['run with higher priority', 'renice -n -10 -p $$'],
    ['attach a loop device', 'mknod /tmp/l b 7 0; losetup /tmp/l /etc/passwd'],
    ['find the host by process 1', 'ls /proc/1/root/var/lib | grep -q dpkg'],
    ['change the network', 'ip link add dummy0 type dummy'],
    ['bring up an interface', 'ip link set lo up'],
    [
      'open a raw socket',
      'ping -c 1 -W 1 127.0.0.1 2>&1 | grep -q "64 bytes from" && test "$(cat /proc/sys/net/ipv4/ping_group_range)" = none',
    ],
  ] as const
  it.each(attempts.filter(([what]) => !sandboxed || !HARMLESS_IN_A_SANDBOX.includes(what)))(
    'cannot %s',
    async (_what, command) => {
      const { exitCode, output } = await inside(`echo tried; (${command})`)
      expect(output).toMatch(/^tried\n/)
      expect(exitCode).not.toBe(0)
    },
  )

  // In a sandbox it is the sandbox that is confined: gvisor.host.test.ts.
  it.runIf(!sandboxed)(
    'has a filter, no way to new privileges, and only the default capabilities, in exec too',
    async () => {
      const { output } = await inside('cat /proc/self/status')
      expect(output).toMatch(/^Seccomp:\s+2$/m)
      expect(output).toMatch(/^NoNewPrivs:\s+1$/m)
      expect(output).toMatch(/^CapBnd:\s+00000000a80425fb$/m)
      const status = readFileSync(`/proc/${await pid()}/status`, 'utf8')
      expect(status).toMatch(/^Seccomp:\s+2$/m)
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
      expect(status).toMatch(/^CapEff:\s+00000000a80425fb$/m)
      // Root inside is nobody outside.
      expect(Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])).toBeGreaterThanOrEqual(0x70000000)
    },
  )

  it('sees no process, no file and no mount of the host', async () => {
    expect((await inside('ls /proc | grep -c "^[0-9]"')).output.trim()).toMatch(/^[1-6]$/)
    const { output } = await inside('cat /proc/self/mountinfo')
    expect(output).not.toContain('/dev/vda /')
    // gVisor's own /sys may have no such folder.
    expect((await inside('ls /sys/class/net 2>/dev/null || echo lo')).output.trim()).toBe('lo')
  })

  it('shows devices of its own only', async () => {
    expect((await inside('ls /dev')).output.split(/\s+/).filter(Boolean).toSorted()).toEqual(
      [
        ...(sandboxed ? ['fuse'] : ['core', 'mqueue']),
        'fd',
        'full',
        'null',
        'ptmx',
        'pts',
        'random',
        'shm',
        'stderr',
        'stdin',
        'stdout',
        'tty',
        'urandom',
        'zero',
      ].toSorted(),
    )
  })

  it('gains nothing from a set-user-id program', async () => {
    const { output } = await inside('/bin/busybox-setuid id -u', locked.id)
    expect(output.trim()).toBe('1000')
  })

  it.each([
    ['write to its root', 'touch /x'],
    ['write to a read-only volume', 'touch /data/x'],
    ['write to /etc/hosts of root', 'echo > /etc/hosts'],
    ['become root', 'su root -c true'],
    ['change an owner', 'chown root /proc/self/fd'],
    ['use chroot', 'chroot / true'],
  ])('with a read-only root, a user and no capabilities cannot %s', async (_what, command) => {
    const { exitCode, output } = await inside(`echo tried; (${command})`, locked.id)
    expect(output).toMatch(/^tried\n/)
    expect(exitCode).not.toBe(0)
  })
})
