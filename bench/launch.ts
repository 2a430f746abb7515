// Launch: RunTask → RUNNING (hardened, own address, durable store) beside bare `runc create+start` and `docker run -d`
// on the same root file system, interleaved in one run; launches per second; memory per idle task.

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DescribeTasksResponse, RunTaskResponse } from '@aws-sdk/client-ecs'
import { run as runProgram, runToEnd } from '#base/run.ts'
import { systemClock } from '#base/clock.ts'
import { busyboxImage } from '#engine/images/busybox-image.ts'
import { IMAGE, type Instance, startInstance } from '#test/instance.ts'
import { table } from './statistics.ts'

const number = (args: readonly string[], name: string, fallback: number): number => {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(args[at + 1])
}

const describe = async (instance: Instance, arns: readonly string[]) =>
  (await instance.client.aws<DescribeTasksResponse>('ecs', 'DescribeTasks', { tasks: arns })).tasks ?? []

const register = (instance: Instance, family: string, command: readonly string[]): Promise<unknown> =>
  instance.client.aws('ecs', 'RegisterTaskDefinition', {
    family,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'main', image: IMAGE, command, stopTimeout: 2 }],
  })

const runTask = async (instance: Instance, family: string, count = 1): Promise<string[]> => {
  const answer = await instance.client.aws<RunTaskResponse>('ecs', 'RunTask', {
    taskDefinition: family,
    launchType: 'FARGATE',
    count,
    networkConfiguration: { awsvpcConfiguration: { subnets: [instance.subnet] } },
  })
  return (answer.tasks ?? []).map((task) => task.taskArn ?? '')
}

const stop = (instance: Instance, task: string): Promise<unknown> => instance.client.aws('ecs', 'StopTask', { task })

/** Resolves when every task has reached RUNNING; throws when one stops instead. */
const running = async (instance: Instance, arns: readonly string[], everySeconds: number): Promise<void> => {
  for (;;) {
    const tasks = await describe(instance, arns)
    const stopped = tasks.find((task) => task.lastStatus === 'STOPPED')
    if (stopped !== undefined) throw new Error(`${stopped.taskArn} stopped: ${stopped.stoppedReason}`)
    if (tasks.length === arns.length && tasks.every((task) => task.lastStatus === 'RUNNING')) return
    await systemClock.sleep(everySeconds)
  }
}

/** A plain bundle around the same busybox root, with a network namespace of its own, and nothing else of ours. */
const bareBundle = async (command: readonly string[] = ['sleep', '1000']): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'neargate-bench-runc-'))
  const layout = join(folder, 'layout')
  mkdirSync(layout)
  const chunks: Uint8Array[] = []
  for await (const chunk of busyboxImage({ reference: IMAGE })) chunks.push(chunk)
  await runProgram('tar', ['-xf', '-', '-C', layout], { input: Buffer.concat(chunks) })
  const blob = (digest: string): string => join(layout, 'blobs', digest.replace(':', '/'))
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: { digest: string }[] }
  const manifest = JSON.parse(readFileSync(blob(index.manifests[0]?.digest ?? ''), 'utf8')) as {
    layers: { digest: string }[]
  }
  mkdirSync(join(folder, 'rootfs'))
  for (const layer of manifest.layers)
    await runProgram('tar', ['-xf', blob(layer.digest), '-C', join(folder, 'rootfs')])
  await runProgram('runc', ['spec', '-b', folder])
  const spec = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as {
    process: { terminal: boolean; args: string[] }
  }
  spec.process.terminal = false
  spec.process.args = [...command]
  writeFileSync(join(folder, 'config.json'), JSON.stringify(spec))
  return folder
}

/** Without pipes: a container keeps its standard output open as long as it runs. */
const silently = (command: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { stdio: 'ignore' })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')}: exit ${code}`)),
    )
  })

const bareRunc = async (bundle: string, round: number): Promise<number> => {
  const id = `neargate-bench-${process.pid}-${round}`
  const root = ['--root', join(bundle, 'state')]
  const begin = performance.now()
  await silently('runc', [...root, 'create', '-b', bundle, id])
  await silently('runc', [...root, 'start', id])
  const took = performance.now() - begin
  await runProgram('runc', [...root, 'delete', '--force', id])
  return took
}

const dockerRun = async (): Promise<number> => {
  const begin = performance.now()
  const id = (await runProgram('docker', ['run', '-d', 'neargate-bench', 'sleep', '1000'])).trim()
  const took = performance.now() - begin
  await runProgram('docker', ['rm', '-f', id])
  return took
}

const latency = async (instance: Instance, rounds: number): Promise<void> => {
  const bundle = await bareBundle()
  const docker = (await runToEnd('docker', ['info'], { timeoutSeconds: 10 }).catch(() => undefined))?.exitCode === 0
  if (docker)
    await runProgram('sh', ['-c', 'tar -C "$1" -c . | docker import - neargate-bench', 'sh', join(bundle, 'rootfs')])
  await register(instance, 'bench-sleep', ['sleep', '1000'])
  const series: Record<string, number[]> = { 'runc create+start': [], 'RunTask → RUNNING': [] }
  if (docker) series['docker run -d'] = []
  // The first of each pays for what is made once (the VPC's router, the page cache).
  for (let round = -3; round < rounds; round++) {
    const keep = (name: string, took: number): void => {
      if (round >= 0) series[name]?.push(took)
    }
    keep('runc create+start', await bareRunc(bundle, round))
    const begin = performance.now()
    const [arn = ''] = await runTask(instance, 'bench-sleep')
    await running(instance, [arn], 0.001)
    keep('RunTask → RUNNING', performance.now() - begin)
    await stop(instance, arn)
    if (docker) keep('docker run -d', await dockerRun())
    while ((await describe(instance, [arn]))[0]?.lastStatus !== 'STOPPED') await systemClock.sleep(0.01)
  }
  rmSync(bundle, { recursive: true })
  console.log(`\nLatency, ${rounds} rounds, interleaved (ratio to the first row):`)
  console.log(table(series))
  if (!docker) console.log('  docker run -d                no Docker daemon answers here: not measured')
}

/** Dead, or a zombie that its new parent has not collected: the runtime takes both for stopped. */
const ended = (pid: string): boolean => {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

/** Create, start, exit by itself, delete: the life of our tasks. Not by force, which would poll while it waits. */
const bareLife = async (bundle: string, id: string): Promise<void> => {
  const [root, pidFile] = [['--root', join(bundle, 'state')], join(bundle, `${id}.pid`)]
  await silently('runc', [...root, 'create', '-b', bundle, '--pid-file', pidFile, id])
  const pid = readFileSync(pidFile, 'utf8')
  await silently('runc', [...root, 'start', id])
  while (!ended(pid)) await systemClock.sleep(0.002)
  await silently('runc', [...root, 'delete', id])
}

/** The same life without us, as many at a time. */
const bareThroughput = async (seconds: number, parallel: number): Promise<number> => {
  const bundle = await bareBundle(['true'])
  const began = performance.now()
  let round = 0
  const worker = async (): Promise<void> => {
    while (performance.now() - began < seconds * 1000)
      await bareLife(bundle, `neargate-bench-${process.pid}-${round++}`)
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  const rate = round / ((performance.now() - began) / 1000)
  rmSync(bundle, { recursive: true })
  return rate
}

/**
 * It is throughput that is measured: a client that asked for each pair of tasks at every opportunity would take a tenth
 * of the machine for its questions.
 */
const POLL_SECONDS = 0.1

const throughput = async (instance: Instance, seconds: number, parallel: number): Promise<void> => {
  const bare = await bareThroughput(Math.min(seconds, 10), parallel * 2)
  await register(instance, 'bench-true', ['true'])
  const end = performance.now() + seconds * 1000
  const began = performance.now()
  let launched = 0
  const failed: string[] = []
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const arns = await runTask(instance, 'bench-true', 2)
      for (;;) {
        const tasks = await describe(instance, arns)
        if (tasks.every((task) => task.lastStatus === 'STOPPED')) {
          for (const task of tasks) {
            if (task.containers?.[0]?.exitCode === 0) launched += 1
            else failed.push(task.stoppedReason ?? 'no reason')
          }
          break
        }
        await systemClock.sleep(POLL_SECONDS)
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  const rate = launched / ((performance.now() - began) / 1000)
  console.log(
    `\nLaunches: ${rate.toFixed(1)}/s over ${seconds} s with ${parallel * 2} in flight, whole life of each task (start, exit, removal); bare runc ${bare.toFixed(1)}/s (${(rate / bare).toFixed(2)}×).`,
  )
  console.log(
    failed.length === 0 ? '  every task ended with exit code 0' : `  ${failed.length} FAILED, e.g. ${failed[0]}`,
  )
}

const availableKiB = (): number => Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1])
const residentKiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

const memory = async (instance: Instance, tasks: number): Promise<void> => {
  const before = { available: availableKiB(), resident: residentKiB(instance.pid()) }
  const arns: string[] = []
  const begin = performance.now()
  while (arns.length < tasks) arns.push(...(await runTask(instance, 'bench-sleep', Math.min(10, tasks - arns.length))))
  for (let at = 0; at < arns.length; at += 100) await running(instance, arns.slice(at, at + 100), 0.05)
  const took = (performance.now() - begin) / 1000
  await systemClock.sleep(5)
  const perTask = (before.available - availableKiB()) / tasks / 1024
  const grown = (residentKiB(instance.pid()) - before.resident) / tasks / 1024
  console.log(`\nMemory with ${tasks} idle tasks (all RUNNING after ${took.toFixed(1)} s):`)
  console.log(
    `  ${perTask.toFixed(2)} MiB of the host per task, of which ${grown.toFixed(2)} MiB is the control plane's own growth`,
  )
}

/** Options: --rounds N (50), --seconds N (60), --parallel pairs of tasks (6), --tasks N (200). Zero leaves a part out. */
export const run = async (args: readonly string[]): Promise<void> => {
  const instance = await startInstance()
  try {
    const rounds = number(args, 'rounds', 50)
    if (rounds > 0) await latency(instance, rounds)
    const seconds = number(args, 'seconds', 60)
    if (seconds > 0) await throughput(instance, seconds, number(args, 'parallel', 6))
    const tasks = number(args, 'tasks', 200)
    if (tasks > 0) {
      await register(instance, 'bench-sleep', ['sleep', '1000'])
      await memory(instance, tasks)
    }
  } finally {
    await instance.down()
  }
}
