// Goal: services work with the AWS CLI and with boto3 as people use them: create, wait, scale, deploy, protect, delete.
// Method: one instance with real containers; the clients' own waiters and paginators, checked by their output.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IMAGE, type Instance, startInstance } from '#test/instance.ts'

/** A bound on a test that hangs; the CLI's waiters look every fifteen seconds. */
const TIMEOUT_MS = 400_000

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
}, TIMEOUT_MS)
afterAll(() => instance.down())

const aws = async (...args: string[]): Promise<string> => {
  const result = await instance.withAws('aws', 'ecs', ...args)
  if (result.exitCode !== 0) throw new Error(result.stderr)
  return result.stdout.trim()
}
const refused = async (...args: string[]): Promise<string> => {
  const result = await instance.withAws('aws', 'ecs', ...args)
  expect(result.exitCode).not.toBe(0)
  return result.stderr.trim()
}
const registered = (family: string, word: string): Promise<string> =>
  aws(
    ...`register-task-definition --family ${family} --requires-compatibilities FARGATE --network-mode awsvpc`.split(
      ' ',
    ),
    ...'--cpu 256 --memory 512 --query taskDefinition.taskDefinitionArn --output text'.split(' '),
    '--container-definitions',
    JSON.stringify([
      {
        name: 'app',
        image: IMAGE,
        command: ['sh', '-c', `trap 'exit 0' TERM; echo ${word}; while :; do sleep 1; done`],
        stopTimeout: 2,
        // Otherwise a task counts only when it has been RUNNING for forty seconds.
        healthCheck: { command: ['CMD-SHELL', 'true'], interval: 5, retries: 3, timeout: 2 },
      },
    ]),
  )

describe('the AWS CLI', () => {
  it('creates a service, waits for it, scales and deploys it, and takes it away', async () => {
    const first = await registered('cli', 'one')
    const network = `awsvpcConfiguration={subnets=[${instance.subnet}]}`
    const create = [
      ...'create-service --service-name cli --task-definition cli --desired-count 2 --launch-type FARGATE'.split(' '),
      ...`--network-configuration ${network} --enable-ecs-managed-tags --propagate-tags SERVICE`.split(' '),
      ...'--tags key=team,value=a --output text'.split(' '),
    ]
    expect(await aws(...create, '--query', 'service.[status,deployments[0].[status,rolloutState]]')).toMatch(
      /ACTIVE\s+PRIMARY\s+IN_PROGRESS/,
    )
    await aws('wait', 'services-stable', '--services', 'cli')
    const arns = (await aws('list-tasks', '--service-name', 'cli', '--query', 'taskArns', '--output', 'text')).split(
      /\s+/,
    )
    expect(arns).toHaveLength(2)
    const shown = JSON.parse(
      await aws('describe-tasks', '--tasks', ...arns, '--include', 'TAGS', '--query', 'tasks[].[group,tags]'),
    )
    const tags = [
      { key: 'aws:ecs:clusterName', value: 'default' },
      { key: 'aws:ecs:serviceName', value: 'cli' },
      { key: 'team', value: 'a' },
    ]
    expect(shown).toEqual([
      ['service:cli', tags],
      ['service:cli', tags],
    ])

    await aws('update-service', '--service', 'cli', '--desired-count', '1')
    await aws('wait', 'services-stable', '--services', 'cli')
    const second = await registered('cli', 'two')
    expect(second).not.toBe(first)
    const update = ['update-service', '--service', 'cli', '--task-definition', 'cli', '--output', 'text']
    expect(await aws(...update, '--query', 'service.deployments[].[status,taskDefinition]')).toBe(
      `PRIMARY\t${second}\nACTIVE\t${first}`,
    )
    await aws('wait', 'services-stable', '--services', 'cli')
    const describe = ['describe-services', '--services', 'cli', '--output', 'text', '--query']
    expect(await aws(...describe, 'services[0].[taskDefinition,runningCount,desiredCount,length(deployments)]')).toBe(
      `${second}\t1\t1\t1`,
    )
    expect(await aws(...describe, 'services[0].events[].message')).toContain('(service cli) has started ')
    expect(await aws('list-service-deployments', '--service', 'cli', '--query', 'length(serviceDeployments)')).toBe('2')

    expect(await refused('delete-service', '--service', 'cli')).toContain(
      'An error occurred (InvalidParameterException) when calling the DeleteService operation: ' +
        'The service cannot be stopped while it is scaled above 0.',
    )
    const gone = ['delete-service', '--service', 'cli', '--force', '--query', 'service.status', '--output', 'text']
    expect(await aws(...gone)).toBe('DRAINING')
    await aws('wait', 'services-inactive', '--services', 'cli')
    expect(await aws('list-tasks', '--service-name', 'cli', '--query', 'taskArns')).toBe('[]')
    expect(await aws('list-services', '--query', 'serviceArns')).toBe('[]')
  }, 400_000)
})

const BOTO3 = `
import boto3, sys
subnet = sys.argv[1]
ecs = boto3.client('ecs')
network = dict(awsvpcConfiguration=dict(subnets=[subnet]))
make = lambda **more: ecs.create_service(serviceName='boto', taskDefinition='boto', desiredCount=1,
    networkConfiguration=network, **{**dict(launchType='FARGATE', clientToken='once'), **more})['service']
service = make()
assert make()['serviceArn'] == service['serviceArn']
try:
    make(clientToken='twice')
    raise SystemExit('made twice')
except ecs.exceptions.InvalidParameterException as e:
    assert e.response['Error']['Message'] == 'Creation of service was not idempotent.', e
quick = dict(Delay=1, MaxAttempts=120)
ecs.get_waiter('services_stable').wait(services=['boto'], WaiterConfig=quick)

arn = ecs.list_tasks(serviceName='boto')['taskArns'][0]
protected = ecs.update_task_protection(cluster='default', tasks=[arn], protectionEnabled=True, expiresInMinutes=5)
assert protected['failures'] == [] and protected['protectedTasks'][0]['protectionEnabled'], protected
assert ecs.get_task_protection(cluster='default', tasks=[arn])['protectedTasks'] == protected['protectedTasks']
ecs.update_task_protection(cluster='default', tasks=[arn], protectionEnabled=False)

ecs.tag_resource(resourceArn=service['serviceArn'], tags=[dict(key='stage', value='test')])
assert ecs.describe_services(services=['boto'], include=['TAGS'])['services'][0]['tags'] == [dict(key='stage', value='test')]
try:
    ecs.delete_cluster(cluster='default')
    raise SystemExit('deleted a cluster in use')
except ecs.exceptions.ClusterContainsServicesException:
    pass

ecs.stop_task(task=arn)
ecs.get_waiter('tasks_stopped').wait(tasks=[arn], WaiterConfig=quick)
ecs.get_waiter('services_stable').wait(services=['boto'], WaiterConfig=quick)
assert ecs.list_tasks(serviceName='boto')['taskArns'] != [arn]

[deployment] = ecs.list_service_deployments(service='boto')['serviceDeployments']
[full] = ecs.describe_service_deployments(serviceDeploymentArns=[deployment['serviceDeploymentArn']])['serviceDeployments']
[revision] = ecs.describe_service_revisions(serviceRevisionArns=[full['targetServiceRevision']['arn']])['serviceRevisions']
assert revision['taskDefinition'] == service['taskDefinition'], revision
assert [image['containerName'] for image in revision['containerImages']] == ['app'], revision
assert revision['platformVersion'] == '1.4.0' and revision['networkConfiguration']['awsvpcConfiguration']['subnets'] == [subnet], revision

for name in ['a', 'b', 'c']:
    ecs.create_service(serviceName=name, taskDefinition='boto', desiredCount=0, launchType='FARGATE', networkConfiguration=network)
pages = list(ecs.get_paginator('list_services').paginate(PaginationConfig=dict(PageSize=3)))
assert [len(page['serviceArns']) for page in pages] == [3, 1], pages
for name in ['a', 'b', 'c', 'boto']:
    ecs.delete_service(service=name, force=True)
ecs.get_waiter('services_inactive').wait(services=['a', 'b', 'c', 'boto'], WaiterConfig=quick)
print([f['reason'] for f in ecs.describe_services(services=['none'])['failures']])
`

describe('boto3', () => {
  it('creates once, waits, protects, tags, pages, and deletes', async () => {
    await registered('boto', 'three')
    const result = await instance.withAws('python3', '-c', BOTO3, instance.subnet)
    expect(result.stderr).toBe('')
    expect(result.stdout.trim()).toBe(`['MISSING']`)
  }, 200_000)
})
