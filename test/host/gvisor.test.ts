// Goal: a task tagged neargate:isolation=gvisor runs on gVisor's kernel and is otherwise a task like every other.
// Method: the AWS API only, on one instance; what containers print is what they saw.

import { CreateSecurityGroupCommand, RevokeSecurityGroupEgressCommand } from '@aws-sdk/client-ec2'
import { StopTaskCommand } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Instance, startInstance } from '#test/instance.ts'
import { leftovers, NONE } from '#test/leftovers.ts'
import { describeTask, launch, logOf, register, runToStop, until } from '#test/tasks.ts'

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance.down())

const sh = (script: string): string[] => ['sh', '-c', script]
const tagged = (value = 'gvisor') => ({ tags: [{ key: 'neargate:isolation', value }] })

describe('a task tagged neargate:isolation=gvisor', () => {
  it('runs on another kernel, with its own address and metadata, logs, and tells its exit code', async () => {
    const script = [
      'dmesg | grep -c "Starting gVisor"',
      'uname -r',
      'ip addr show eth0 | grep -c "inet 172"',
      'path=${ECS_CONTAINER_METADATA_URI_V4#http://169.254.170.2}',
      '(printf "GET $path/task HTTP/1.0\\r\\n\\r\\n"; sleep 1) | nc 169.254.170.2 80 | grep -c TaskARN',
      'exit 7',
    ].join('; ')
    const task = await runToStop(instance, [{ command: sh(script) }], {}, tagged())
    expect(task).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 7 }] })
    const [isGvisor, kernel, address, metadata] = await logOf(instance, task)
    expect([isGvisor, address, metadata]).toEqual(['1', '1', '1'])
    expect(kernel).toBe('4.4.0')
  })

  it('takes the tag from the task definition where tags are propagated', async () => {
    const family = await register(instance, [{ command: sh('dmesg | grep -c "Starting gVisor"') }], tagged())
    const [arn = ''] = await launch(instance, family, { propagateTags: 'TASK_DEFINITION' })
    expect(await logOf(instance, await until(instance, arn, 'STOPPED'))).toEqual(['1'])
  })

  it('is refused a class that there is not, rather than given less', async () => {
    const task = await runToStop(instance, [{ command: ['true'] }], {}, tagged('gVisor'))
    expect(task).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringContaining('neargate:isolation knows the values default and gvisor'),
    })
  })

  it('says what cannot start, and what gVisor cannot do', async () => {
    const missing = await runToStop(instance, [{ command: ['/no/such'] }], {}, tagged())
    expect(missing.containers?.[0]?.reason).toContain('exec: "/no/such": stat /no/such: no such file or directory')
    const shared = await runToStop(instance, [{ command: ['true'] }], { pidMode: 'task' }, tagged())
    expect(shared.stoppedReason).toMatch(/^ResourceInitializationError: pidMode "task"/)
  })

  it('is healthy by its check, survives kill -9 of the control plane, and stops when told to', async () => {
    const family = await register(instance, [
      {
        command: sh('echo started; touch /tmp/ready; trap "echo stopping; exit 4" TERM; while :; do sleep 0.1; done'),
        healthCheck: { command: ['CMD-SHELL', 'test -e /tmp/ready'], interval: 5, retries: 10 },
        stopTimeout: 20,
      },
      { essential: false, command: ['echo', 'after'], dependsOn: [{ containerName: 'c0', condition: 'HEALTHY' }] },
    ])
    const [arn = ''] = await launch(instance, family, tagged())
    await until(instance, arn, 'RUNNING')
    await instance.kill()
    await instance.up()
    const task = await until(instance, arn, 'RUNNING')
    expect(task.containers?.find(({ name }) => name === 'c0')).toMatchObject({ healthStatus: 'HEALTHY' })
    await instance.ecs.send(new StopTaskCommand({ task: arn, reason: 'enough' }))
    const stopped = await until(instance, arn, 'STOPPED')
    expect(stopped).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'enough' })
    expect(stopped.containers?.find(({ name }) => name === 'c0')?.exitCode).toBe(4)
    // Started once: nobody made it anew.
    expect(await logOf(instance, stopped)).toEqual(['started', 'stopping'])
    expect(await logOf(instance, stopped, 'c1')).toEqual(['after'])
    expect(await describeTask(instance, arn)).toMatchObject({ tags: tagged().tags })
  })

  it('is held by its security groups', async () => {
    const { GroupId = '' } = await instance.ec2.send(
      new CreateSecurityGroupCommand({ GroupName: 'locked', Description: 'lets nothing out' }),
    )
    const everything = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]
    await instance.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: everything }))
    const family = await register(instance, [{ command: sh('while :; do echo open | nc -l -p 8080; done') }])
    const [server = ''] = await launch(instance, family, tagged())
    const { attachments } = await until(instance, server, 'RUNNING')
    const address = attachments?.[0]?.details?.find(({ name }) => name === 'privateIPv4Address')?.value
    const client = [{ command: sh(`nc -w 5 ${address} 8080 </dev/null 2>/dev/null || echo shut`) }]
    const free = await runToStop(instance, client, {}, tagged())
    const awsvpcConfiguration = { subnets: [instance.subnet], securityGroups: [GroupId] }
    const locked = await runToStop(instance, client, {}, { ...tagged(), networkConfiguration: { awsvpcConfiguration } })
    expect([await logOf(instance, free), await logOf(instance, locked)]).toEqual([['open'], ['shut']])
    await instance.ecs.send(new StopTaskCommand({ task: server }))
    await until(instance, server, 'STOPPED')
  }, 60_000)

  it('leaves nothing over', async () => {
    expect(leftovers(instance.config)).toEqual(NONE)
  })
})
