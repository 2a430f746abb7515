// Goal: the ECS getting-started flow works as typed, with the AWS CLI and with boto3.
// Method: one instance; the commands of AWS's tutorials, checked by their output.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IMAGE, type Instance, startInstance } from '#test/instance.ts'

let instance: Instance
let folder: string
beforeAll(async () => {
  instance = await startInstance()
  folder = mkdtempSync(join(tmpdir(), 'neargate-parity-'))
})
afterAll(async () => {
  await instance.down()
  rmSync(folder, { recursive: true })
})

const aws = async (...args: string[]): Promise<Record<string, never>> => {
  const result = await instance.withAws('aws', ...args, '--output', 'json')
  if (result.exitCode !== 0) throw new Error(result.stderr)
  return result.stdout.trim() === '' ? {} : JSON.parse(result.stdout)
}

const refused = async (...args: string[]): Promise<string> => {
  const result = await instance.withAws('aws', ...args)
  expect(result.exitCode).not.toBe(0)
  return result.stderr.trim()
}

describe('the AWS CLI', () => {
  it('goes through "Learn how to create an Amazon ECS Linux task for Fargate" as typed', async () => {
    expect(await aws('sts', 'get-caller-identity')).toMatchObject({ Account: instance.config.account })
    expect(await aws('ecs', 'create-cluster', '--cluster-name', 'fargate-cluster')).toMatchObject({
      cluster: { clusterName: 'fargate-cluster', status: 'ACTIVE' },
    })
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }
    await aws(
      'iam',
      'create-role',
      '--role-name',
      'ecsTaskExecutionRole',
      '--assume-role-policy-document',
      JSON.stringify(trust),
    )
    await aws(
      'iam',
      'attach-role-policy',
      '--role-name',
      'ecsTaskExecutionRole',
      '--policy-arn',
      'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy',
    )
    const role = (await aws('iam', 'get-role', '--role-name', 'ecsTaskExecutionRole')) as unknown as {
      Role: { Arn: string; AssumeRolePolicyDocument: object }
    }
    expect(role.Role.AssumeRolePolicyDocument).toEqual(trust)
    await aws('logs', 'create-log-group', '--log-group-name', '/ecs/sample')

    const definition = join(folder, 'task.json')
    writeFileSync(
      definition,
      JSON.stringify({
        family: 'sample-fargate',
        networkMode: 'awsvpc',
        containerDefinitions: [
          {
            name: 'fargate-app',
            image: IMAGE,
            portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }],
            essential: true,
            stopTimeout: 2,
            entryPoint: ['sh', '-c'],
            command: ['echo "<h1>It runs</h1>" > /tmp/index.html; echo ready; exec httpd -f -p 80 -h /tmp'],
            logConfiguration: {
              logDriver: 'awslogs',
              options: {
                'awslogs-group': '/ecs/sample',
                'awslogs-region': 'us-east-1',
                'awslogs-stream-prefix': 'web',
              },
            },
          },
        ],
        requiresCompatibilities: ['FARGATE'],
        cpu: '256',
        memory: '512',
        executionRoleArn: role.Role.Arn,
      }),
    )
    expect(await aws('ecs', 'register-task-definition', '--cli-input-json', `file://${definition}`)).toMatchObject({
      taskDefinition: { family: 'sample-fargate', revision: 1, status: 'ACTIVE', compatibilities: ['EC2', 'FARGATE'] },
    })
    expect(await aws('ecs', 'list-task-definitions')).toMatchObject({
      taskDefinitionArns: [expect.stringMatching(/task-definition\/sample-fargate:1$/)],
    })

    const vpcs = (await aws('ec2', 'describe-vpcs', '--filters', 'Name=is-default,Values=true')) as unknown as {
      Vpcs: { VpcId: string }[]
    }
    const vpc = vpcs.Vpcs[0]?.VpcId ?? ''
    const subnets = (await aws('ec2', 'describe-subnets', '--filters', `Name=vpc-id,Values=${vpc}`)) as unknown as {
      Subnets: { SubnetId: string; AvailabilityZone: string }[]
    }
    expect(subnets.Subnets.map((subnet) => subnet.AvailabilityZone).toSorted()).toEqual([
      'us-east-1a',
      'us-east-1b',
      'us-east-1c',
    ])
    const group = (await aws(
      'ec2',
      'create-security-group',
      '--group-name',
      'web',
      '--description',
      'web',
      '--vpc-id',
      vpc,
    )) as unknown as { GroupId: string }
    await aws(
      'ec2',
      'authorize-security-group-ingress',
      '--group-id',
      group.GroupId,
      '--protocol',
      'tcp',
      '--port',
      '80',
      '--cidr',
      '0.0.0.0/0',
    )

    const run = (await aws(
      'ecs',
      'run-task',
      '--cluster',
      'fargate-cluster',
      '--task-definition',
      'sample-fargate:1',
      '--launch-type',
      'FARGATE',
      '--network-configuration',
      `awsvpcConfiguration={subnets=[${subnets.Subnets[0]?.SubnetId}],securityGroups=[${group.GroupId}],assignPublicIp=ENABLED}`,
    )) as unknown as { tasks: { taskArn: string; lastStatus: string }[]; failures: unknown[] }
    expect(run.failures).toEqual([])
    const arn = run.tasks[0]?.taskArn ?? ''
    expect(run.tasks[0]?.lastStatus).toBe('PROVISIONING')

    await aws('ecs', 'wait', 'tasks-running', '--cluster', 'fargate-cluster', '--tasks', arn)
    expect(await aws('ecs', 'list-tasks', '--cluster', 'fargate-cluster')).toEqual({ taskArns: [arn] })
    const described = (await aws(
      'ecs',
      'describe-tasks',
      '--cluster',
      'fargate-cluster',
      '--tasks',
      arn,
    )) as unknown as {
      tasks: { attachments: { details: { name: string; value: string }[] }[] }[]
    }
    const eni =
      described.tasks[0]?.attachments[0]?.details.find((detail) => detail.name === 'networkInterfaceId')?.value ?? ''
    const faces = (await aws('ec2', 'describe-network-interfaces', '--network-interface-ids', eni)) as unknown as {
      NetworkInterfaces: { Association: { PublicIp: string }; Status: string; Groups: { GroupId: string }[] }[]
    }
    expect(faces.NetworkInterfaces[0]).toMatchObject({ Status: 'in-use', Groups: [{ GroupId: group.GroupId }] })
    const address = faces.NetworkInterfaces[0]?.Association.PublicIp ?? ''
    // Only over our own link: a packet for this address must never leave the machine.
    expect((await instance.withAws('ip', 'route', 'get', address)).stdout).toMatch(/dev ng/)
    const page = await fetch(`http://${address}/`)
    expect(await page.text()).toContain('It runs')

    await aws('ecs', 'stop-task', '--cluster', 'fargate-cluster', '--task', arn)
    await aws('ecs', 'wait', 'tasks-stopped', '--cluster', 'fargate-cluster', '--tasks', arn)
    const streams = (await aws('logs', 'describe-log-streams', '--log-group-name', '/ecs/sample')) as unknown as {
      logStreams: { logStreamName: string }[]
    }
    expect(streams.logStreams[0]?.logStreamName).toBe(`web/fargate-app/${arn.split('/').at(-1)}`)
    expect(
      await aws(
        'logs',
        'get-log-events',
        '--log-group-name',
        '/ecs/sample',
        '--log-stream-name',
        streams.logStreams[0]?.logStreamName ?? '',
      ),
    ).toMatchObject({
      events: [{ message: 'ready' }],
    })
    expect(await aws('ecs', 'deregister-task-definition', '--task-definition', 'sample-fargate:1')).toMatchObject({
      taskDefinition: { status: 'INACTIVE' },
    })
    expect(await aws('ecs', 'delete-cluster', '--cluster', 'fargate-cluster')).toMatchObject({
      cluster: { status: 'INACTIVE' },
    })
  }, 180_000)

  it('is refused in AWS’s words', async () => {
    expect(await refused('ecs', 'run-task', '--cluster', 'nowhere', '--task-definition', 'x')).toContain(
      'An error occurred (ClusterNotFoundException) when calling the RunTask operation: Cluster not found.',
    )
    expect(
      await refused(
        'ecs',
        'register-task-definition',
        '--family',
        'x',
        '--requires-compatibilities',
        'FARGATE',
        '--network-mode',
        'awsvpc',
        '--cpu',
        '256',
        '--memory',
        '4096',
        '--container-definitions',
        `[{"name":"a","image":"${IMAGE}"}]`,
      ),
    ).toContain('No Fargate configuration exists for given values')
    expect(await refused('ec2', 'describe-vpcs', '--vpc-ids', 'vpc-0123456789abcdef0')).toContain(
      'InvalidVpcID.NotFound',
    )
    expect(await refused('iam', 'get-role', '--role-name', 'nobody')).toContain('(NoSuchEntity)')
  }, 60_000)

  it('is refused with a wrong secret, in each protocol’s own code', async () => {
    const wrong = (...args: string[]) => instance.withAws('env', 'AWS_SECRET_ACCESS_KEY=wrong', 'aws', ...args)
    expect((await wrong('ecs', 'list-clusters')).stderr).toContain('InvalidSignatureException')
    expect((await wrong('sts', 'get-caller-identity')).stderr).toContain('SignatureDoesNotMatch')
    expect((await wrong('ec2', 'describe-vpcs')).stderr).toContain('AuthFailure')
  }, 60_000)
})

const BOTO3 = `
import boto3, json, sys, time
image, subnet = sys.argv[1], sys.argv[2]
ecs, logs = boto3.client('ecs'), boto3.client('logs')
ecs.register_task_definition(family='boto', requiresCompatibilities=['FARGATE'], networkMode='awsvpc', cpu='.25 vCPU', memory='0.5 GB',
    executionRoleArn='arn:aws:iam::000000000000:role/x',
    containerDefinitions=[dict(name='app', image=image, command=['sh', '-c', 'for i in 1 2 3; do echo line $i; done; sleep 1; exit 3'],
        logConfiguration=dict(logDriver='awslogs', options={'awslogs-group': '/boto', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'p', 'awslogs-create-group': 'true'}))])
run = lambda **more: ecs.run_task(taskDefinition='boto', launchType='FARGATE', networkConfiguration=dict(awsvpcConfiguration=dict(subnets=[subnet])), **more)
first = run(clientToken='once', startedBy='boto', tags=[dict(key='k', value='v')])
again = run(clientToken='once', startedBy='boto', tags=[dict(key='k', value='v')])
arn = first['tasks'][0]['taskArn']
assert again['tasks'][0]['taskArn'] == arn, again
try:
    run(clientToken='once', count=2)
    raise SystemExit('no conflict')
except ecs.exceptions.ConflictException as e:
    assert e.response['resourceIds'] == [arn], e.response
ecs.get_waiter('tasks_stopped').wait(tasks=[arn], WaiterConfig=dict(Delay=1, MaxAttempts=60))
task = ecs.describe_tasks(tasks=[arn], include=['TAGS'])['tasks'][0]
assert task['containers'][0]['exitCode'] == 3, task
assert task['cpu'] == '256' and task['memory'] == '512', task
assert ecs.list_tasks(startedBy='boto', desiredStatus='STOPPED')['taskArns'] == [arn]
events = logs.get_log_events(logGroupName='/boto', logStreamName='p/app/' + arn.split('/')[-1], startFromHead=True)['events']
assert [e['message'] for e in events] == ['line 1', 'line 2', 'line 3'], events
print(json.dumps(sorted(f['reason'] for f in ecs.describe_tasks(tasks=['0' * 32])['failures'])))
`

describe('boto3', () => {
  it('runs a task, is idempotent by token, waits, and reads the log', async () => {
    const result = await instance.withAws('python3', '-c', BOTO3, IMAGE, instance.subnet)
    expect(result.stderr).toBe('')
    expect(result.stdout.trim()).toBe('["MISSING"]')
  }, 120_000)
})
