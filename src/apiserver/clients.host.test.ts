// The AWS CLI and boto3 against the server, in every protocol; needs both on the machine.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL_APIS } from '#test/api-server-apis.ts'
import { ACCOUNT, KEY, started, type Started } from '#test/api-server.ts'
import { awsEnvironment } from '#test/aws-environment.ts'

const run = promisify(execFile)

let server: Started
let home: string
beforeAll(async () => {
  server = await started(ALL_APIS)
  home = await mkdtemp(join(tmpdir(), 'neargate-clients-'))
})
afterAll(async () => {
  await server.close()
  await rm(home, { recursive: true })
})

const environment = () => ({
  ...awsEnvironment({ endpoint: server.endpoint, region: 'eu-west-1', credentials: KEY }),
  // Nothing of this machine's own configuration may take part.
  AWS_CONFIG_FILE: join(home, 'none'),
  AWS_SHARED_CREDENTIALS_FILE: join(home, 'none'),
})

const aws = async (...args: string[]): Promise<unknown> => {
  const { stdout } = await run('aws', [...args, '--output', 'json'], { env: environment() })
  return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as unknown)
}

const refused = async (...args: string[]): Promise<string> => {
  const failure = await aws(...args).then(
    () => expect.fail('the command was not refused'),
    (error: unknown) => error as { stderr: string },
  )
  return failure.stderr.trim()
}

describe('the AWS CLI', () => {
  it('speaks the query protocol: sts, iam', async () => {
    expect(await aws('sts', 'get-caller-identity')).toMatchObject({ Account: ACCOUNT })
    const trust = JSON.stringify({ Version: '2012-10-17', Statement: [] })
    expect(await aws('iam', 'create-role', '--role-name', 'r', '--assume-role-policy-document', trust)).toMatchObject({
      Role: { RoleName: 'r', CreateDate: expect.stringContaining('2026-01-02T03:04:05') },
    })
    expect(await refused('iam', 'get-role', '--role-name', 'x')).toContain(
      '(NoSuchEntity) when calling the GetRole operation: The role with name <x> & co cannot be found.',
    )
  })

  it('speaks awsJson: ecs, logs', async () => {
    const seen = (await aws('ecs', 'describe-tasks', '--tasks', 'a', 'b')) as { tasks: { taskArn: string }[] }
    expect(seen.tasks.map(({ taskArn }) => taskArn)).toEqual(['a', 'b'])
    expect(await refused('ecs', 'delete-cluster', '--cluster', 'x')).toContain(
      '(ClusterNotFoundException) when calling the DeleteCluster operation: Cluster not found.',
    )
    expect(await refused('ecs', 'run-task', '--task-definition', 'x')).toContain(
      'The operation RunTask of ecs is not implemented here.',
    )
    expect(await aws('logs', 'describe-log-groups', '--log-group-name-prefix', '/a')).toMatchObject({
      logGroups: [{ logGroupName: '/a' }],
    })
  })

  it("speaks EC2's protocol", async () => {
    expect(
      await aws('ec2', 'describe-vpcs', '--vpc-ids', 'vpc-1', '--filters', 'Name=is-default,Values=true,false'),
    ).toEqual({ Vpcs: [{ VpcId: 'vpc-1', IsDefault: true, Tags: [] }] })
    expect(await refused('ec2', 'describe-subnets')).toContain('(InvalidSubnetID.NotFound)')
  })

  it('speaks REST: efs, route53', async () => {
    expect(await aws('efs', 'create-file-system', '--creation-token', 't')).toMatchObject({ CreationToken: 't' })
    expect(await refused('efs', 'describe-file-systems', '--file-system-id', 'fs-404')).toContain(
      '(FileSystemNotFound)',
    )
    expect(
      await aws('route53', 'create-hosted-zone', '--name', 'example.com', '--caller-reference', 'a&b'),
    ).toMatchObject({ HostedZone: { Name: 'example.com', CallerReference: 'a&b' } })
  })

  it('speaks awsJson with query codes: cloudwatch', async () => {
    const at = ['--start-time', '2026-01-01T00:00:00Z', '--end-time', '2026-01-02T00:00:00Z', '--period', '60']
    expect(
      await aws('cloudwatch', 'get-metric-statistics', '--namespace', 'n', '--metric-name', 'm', ...at),
    ).toMatchObject({ Label: 'm', Datapoints: [{ Average: 2, Sum: 0.1 }] })
    expect(await refused('cloudwatch', 'get-dashboard', '--dashboard-name', 'x')).toContain('(ResourceNotFound)')
  })

  it('is told when its secret is wrong', async () => {
    const failure = await run('aws', ['ecs', 'list-clusters'], {
      env: { ...environment(), AWS_SECRET_ACCESS_KEY: 'wrong' },
    }).catch((error: unknown) => error as { stderr: string })
    expect(failure.stderr).toContain('(InvalidSignatureException)')
  })
})

const BOTO3 = `
import boto3, botocore.config, json, sys, datetime
config = botocore.config.Config(retries={'max_attempts': 0})
client = lambda name, **more: boto3.client(name, config=config, **more)
out = {}
ecs = client('ecs')
out['ecs'] = [t['taskArn'] for t in ecs.describe_tasks(tasks=['a'])['tasks']]
try: ecs.update_service(service='s')
except ecs.exceptions.ConflictException as e: out['conflict'] = e.response['resourceIds']
out['ec2'] = client('ec2').describe_vpcs(VpcIds=['vpc-1'])['Vpcs']
out['sts'] = client('sts').get_caller_identity()['Account']
iam = client('iam')
try: iam.get_role(RoleName='r')
except iam.exceptions.NoSuchEntityException as e: out['iam'] = e.response['Error']['Code']
out['efs'] = client('efs').list_tags_for_resource(ResourceId='arn:aws:elasticfilesystem:eu-west-1:1:file-system/fs-1')['Tags']
out['untagged'] = client('efs').untag_resource(ResourceId='fs-1', TagKeys=['a', 'b c'])['ResponseMetadata']['HTTPStatusCode']
r53 = client('route53')
out['route53'] = r53.change_resource_record_sets(HostedZoneId='Z1', ChangeBatch={'Changes': [{'Action': 'CREATE',
  'ResourceRecordSet': {'Name': 'a', 'Type': 'A', 'TTL': 5, 'ResourceRecords': [{'Value': '1'}]}}]})['ChangeInfo']['Comment']
try: r53.get_hosted_zone(Id='Z404')
except r53.exceptions.NoSuchHostedZone as e: out['zone'] = e.response['Error']['Message']
at = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
def statistics(cw):
  points = cw.get_metric_statistics(Namespace='n', MetricName='m', StartTime=at, EndTime=at, Period=60)['Datapoints']
  try: cw.get_dashboard(DashboardName='x')
  except cw.exceptions.ClientError as e: return [points[0]['Sum'], points[0]['Timestamp'] == at, e.response['Error']['Code']]
out['cloudwatch'] = statistics(client('cloudwatch'))
from botocore.loaders import Loader
load = Loader.load_service_model
def only(protocol):
  def patched(self, *args, **kw):
    model = load(self, *args, **kw)
    if args[1] == 'service-2': model['metadata'].update(protocol=protocol, protocols=[protocol])
    return model
  return patched
for protocol in ['smithy-rpc-v2-cbor', 'query']:
  Loader.load_service_model = only(protocol)
  out[protocol] = statistics(boto3.session.Session().client('cloudwatch', config=config))
Loader.load_service_model = load
client('cloudwatch').put_metric_data(Namespace='n', MetricData=[{'MetricName': 'x' * 60 + str(i), 'Value': i} for i in range(300)])
import urllib.request
for method in ['GET', 'POST']:
  url = client('sts').generate_presigned_url('get_caller_identity', HttpMethod=method)
  out[method] = urllib.request.urlopen(urllib.request.Request(url, method=method)).status
print(json.dumps(out))
`

describe('boto3', () => {
  it('speaks all six protocols, presigned addresses and gzip', async () => {
    const script = join(home, 'script.py')
    await writeFile(script, BOTO3)
    const { stdout } = await run('python3', [script], { env: environment() })
    expect(JSON.parse(stdout)).toEqual({
      ecs: ['a'],
      conflict: ['one', 'two'],
      ec2: [{ VpcId: 'vpc-1', IsDefault: false, Tags: [] }],
      sts: ACCOUNT,
      iam: 'NoSuchEntity',
      efs: [{ Key: 'id', Value: 'arn:aws:elasticfilesystem:eu-west-1:1:file-system/fs-1' }],
      untagged: 200,
      route53: 'CREATE a 5 1',
      zone: 'No hosted zone found with ID: Z404',
      cloudwatch: [0.1, true, 'ResourceNotFound'],
      'smithy-rpc-v2-cbor': [0.1, true, 'ResourceNotFound'],
      query: [0.1, true, 'ResourceNotFound'],
      GET: 200,
      POST: 200,
    })
    expect(server.bugs).toEqual([])
  })
})

describe('TLS', () => {
  it('is spoken when a certificate is given', async () => {
    const [key, cert] = [join(home, 'key.pem'), join(home, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject])
    const tls = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
    const secure = await started(ALL_APIS, { tls })
    const env = {
      ...environment(),
      AWS_ENDPOINT_URL: `https://localhost:${secure.port}`,
      AWS_CA_BUNDLE: cert,
    }
    const { stdout } = await run('aws', ['sts', 'get-caller-identity', '--output', 'text'], { env })
    expect(stdout).toContain(ACCOUNT)
    await secure.close()
  })
})
