// Goal: the command line does what its help says, several instances live side by side, and nothing is left behind.

import { X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runToEnd } from '#base/run.ts'
import { busyboxImage } from '#engine/images/busybox-image.ts'
import { readConfig } from '#config.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { leftovers, NONE } from '#test/leftovers.ts'
import { launch, register, runToStop, until } from '#test/tasks.ts'

const program = join(import.meta.dirname, '../../neargate')
const anywhere = (...args: string[]) => runToEnd(program, args, { timeoutSeconds: 60 })

let one: Instance
let two: Instance
beforeAll(async () => {
  ;[one, two] = await Promise.all([startInstance(), startInstance()])
})
afterAll(async () => {
  await Promise.all([one.down(), two.down()])
})

describe('neargate', () => {
  it('says what it can do, and what it cannot', async () => {
    expect((await anywhere('help')).stdout).toContain('neargate COMMAND')
    expect((await anywhere('up', '--help')).stdout).toContain('--ephemeral')
    expect(await anywhere('dance')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no command "dance"'),
    })
    expect(await anywhere('status', '--colour')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--colour'),
    })
    expect(await anywhere('down', 'web', '--data', join(tmpdir(), 'neargate-nowhere'))).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('neargate down has no use for "web"'),
    })
    expect(await anywhere('images', '--data', '/nowhere')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^neargate: say what to do with "images":\n {2}images import /),
    })
    expect(await anywhere('up', '--port', 'many')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('--port'),
    })
  })

  it('status: exit code 3 and what to do when it does not run', async () => {
    const nowhere = await anywhere('status', '--data', join(tmpdir(), 'neargate-nowhere'))
    expect(nowhere).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('neargate up') })
    expect(JSON.parse((await one.neargate('status', '--json')).stdout)).toMatchObject({
      running: true,
      dataDir: one.dataDir,
    })
  })

  it('up: says so when it runs already', async () => {
    expect(await one.neargate('up')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('runs already') })
  })

  it('env: exports that the AWS CLI understands', async () => {
    const exports = (await one.neargate('env')).stdout
    const result = await runToEnd('sh', ['-c', `${exports}\naws sts get-caller-identity --query Account --output text`])
    expect(result).toMatchObject({ exitCode: 0, stdout: `${one.config.account}\n` })
  })

  it('ca: the root of what ACM issues', async () => {
    const root = new X509Certificate((await one.neargate('ca')).stdout)
    const script = [
      'arn=$(aws acm request-certificate --domain-name a.test --query CertificateArn --output text)',
      'aws acm get-certificate --certificate-arn $arn --query Certificate --output text',
    ]
    const issued = await one.withAws('bash', '-c', script.join('\n'))
    expect(issued).toMatchObject({ exitCode: 0 })
    expect(new X509Certificate(issued.stdout).verify(root.publicKey)).toBe(true)
    const nowhere = join(tmpdir(), 'neargate-nowhere')
    expect(await anywhere('ca', '--data', nowhere)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('up'),
    })
  })

  it('a task that is none, and what nothing is known of, are told so', async () => {
    for (const words of [
      ['events', '--task', 'web'],
      ['logs', 'web'],
      ['spot', 'interrupt', 'web'],
    ]) {
      expect(await one.neargate(...words)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining("web is no task's id or ARN. See: aws ecs list-tasks"),
      })
    }
    expect(await one.neargate('events', '--service', 'nobody', '--since', '5m')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: 'nothing happened there in the last 5m\n',
    })
    expect(await one.neargate('metrics', '--name', 'requestcount')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('capitals count'),
    })
  })

  it('images: import from a file and from standard input, ls, rm', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'neargate-images-'))
    const file = join(folder, 'image.tar')
    const chunks: Uint8Array[] = []
    for await (const chunk of busyboxImage({ reference: 'example.com/from-file:1' })) chunks.push(chunk)
    writeFileSync(file, Buffer.concat(chunks))
    expect((await one.neargate('images', 'import', file)).stdout).toContain('example.com/from-file:1')
    const piped = await runToEnd(program, ['images', 'import', '-', '--json', '--data', two.dataDir], {
      input: readFileSync(file),
    })
    expect(JSON.parse(piped.stdout)).toMatchObject({
      images: [{ references: expect.arrayContaining(['example.com/from-file:1']) }],
    })
    expect((await one.neargate('images', 'ls')).stdout).toContain('example.com/from-file:1')
    expect((await one.neargate('images', 'rm', 'example.com/from-file:1')).exitCode).toBe(0)
    expect((await one.neargate('images', 'ls')).stdout).not.toContain('from-file')
    writeFileSync(file, 'this is no tar')
    expect(await one.neargate('images', 'import', file)).toMatchObject({ exitCode: 1 })
    rmSync(folder, { recursive: true })
  })

  it('images: what is no image is told so', async () => {
    expect(await one.neargate('images', 'import', '/etc/os-release')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^neargate: this is no tar archive of an OCI layout or of docker save \(/),
    })
    expect(await one.neargate('images', 'import', tmpdir())).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`${tmpdir()} is a directory.`),
    })
  })

  it('logs: what a task wrote, and the control plane’s own log', async () => {
    const task = await runToStop(one, [{ command: ['echo', 'for the log'] }])
    expect((await one.neargate('logs', task.taskArn ?? '')).stdout).toBe('for the log\n')
    expect((await one.neargate('logs')).stdout).toContain('"event":')
    expect(await one.neargate('logs', 'f'.repeat(32))).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('no task'),
    })
  })

  it('doctor: what this host has, with a fix for what it lacks', async () => {
    const { findings } = JSON.parse((await one.neargate('doctor', '--json')).stdout) as {
      findings: { level: string; subject: string; fix?: string }[]
    }
    expect(findings.length).toBeGreaterThan(5)
    expect(findings.filter((finding) => finding.level === 'missing')).toEqual([])
  })

  it('keeps two instances apart: neither sees the other’s tasks, and stopping one leaves the other alone', async () => {
    const [arn = ''] = await launch(two, await register(two, [{ command: ['sleep', '600'] }]))
    await until(two, arn, 'RUNNING')
    expect(JSON.parse((await one.neargate('status', '--json')).stdout).tasks.RUNNING ?? 0).toBe(0)
    const third = await startInstance()
    const [other = ''] = await launch(third, await register(third, [{ command: ['sleep', '600'] }]))
    await until(third, other, 'RUNNING')
    await third.down()
    expect(leftovers(third.config)).toEqual(NONE)
    await until(two, arn, 'RUNNING')
  })

  it('explain-path: who decides about packets of a task, and what it does not know', async () => {
    const [arn = ''] = await launch(one, await register(one, [{ command: ['sleep', '600'] }]))
    await until(one, arn, 'RUNNING')
    const resolver = await one.neargate('explain-path', arn, '169.254.169.253:53', '--protocol', 'udp')
    expect(resolver).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^ALLOWED: udp 53 from eni-/) })
    const nobody = await one.neargate('explain-path', arn.split('/').at(-1) ?? '', '172.31.0.99:80', '--json')
    expect(nobody.exitCode).toBe(1)
    expect(JSON.parse(nobody.stdout)).toMatchObject({ allowed: false, protocol: 'tcp', port: 80 })
    const balancer = await one.neargate('explain-path', 'my-balancer', arn)
    expect(balancer).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('my-balancer is no task, network interface, address or load balancer'),
    })
    expect(await one.neargate('explain-path', arn)).toMatchObject({ exitCode: 2 })
  })

  it('down --keep-tasks: tasks run on and are adopted, with the same process ids', async () => {
    const third = await startInstance()
    const [arn = ''] = await launch(third, await register(third, [{ command: ['sleep', '600'] }]))
    await until(third, arn, 'RUNNING')
    const before = leftovers(third.config).processes
    expect((await third.neargate('down', '--keep-tasks')).exitCode).toBe(0)
    expect(leftovers(third.config).processes).toEqual(before)
    await third.up()
    await until(third, arn, 'RUNNING')
    expect(leftovers(third.config).processes).toEqual(before)
    await third.down()
  })

  it('keeps secrets to root, and out of sight', async () => {
    expect(statSync(one.dataDir).mode & 0o077).toBe(0)
    expect(statSync(join(one.dataDir, 'credentials.json')).mode & 0o777).toBe(0o600)
    const { secretAccessKey } = JSON.parse(readFileSync(join(one.dataDir, 'credentials.json'), 'utf8')) as {
      secretAccessKey: string
    }
    expect((await one.neargate('logs')).stdout).not.toContain(secretAccessKey)
    expect(readFileSync(`/proc/${one.pid()}/cmdline`, 'utf8')).not.toContain(secretAccessKey)
  })

  it('--ephemeral: keeps nothing, and can be reset', async () => {
    const third = await startInstance({ flags: ['--ephemeral'] })
    await runToStop(third, [{ command: ['true'] }])
    await third.client.own('POST', '/_neargate/reset')
    expect(JSON.parse((await third.neargate('status', '--json')).stdout).tasks).toEqual({})
    await third.down()
    expect(existsSync(readConfig({ data: third.dataDir }, {}).runDir)).toBe(false)
    await expect(one.client.own('POST', '/_neargate/reset')).rejects.toThrow(/--ephemeral/)
  })

  it('--auth off: accepts anything, on loopback only', async () => {
    const third = await startInstance({ flags: ['--auth', 'off'] })
    const result = await third.withAws(
      'env',
      'AWS_ACCESS_KEY_ID=test',
      'AWS_SECRET_ACCESS_KEY=test',
      'aws',
      'ecs',
      'list-clusters',
    )
    expect(result).toMatchObject({ exitCode: 0 })
    await third.down()
    expect(await anywhere('up', '--auth', 'off', '--host', '0.0.0.0')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('loopback'),
    })
  })
})
