// Goal: the AWS CLI and boto3 make load balancers and certificates, wait for them, and are told what is wrong as by AWS.
// Method: the API in this process, the real clients. What answers traffic is tested elsewhere: see balancer-stand-in.ts.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RunResult, runToEnd } from '#base/run.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import { KEY, type Started } from '#test/api-server.ts'
import { awsEnvironment } from '#test/aws-environment.ts'
import { apiWithBalancers } from '#test/balancer-stand-in.ts'

/** A bound on a test that hangs: each call of the CLI takes a second or so. */
const TIMEOUT_MS = 300_000
let server: Started
let withAws: (command: string, ...args: string[]) => Promise<RunResult>
beforeAll(async () => {
  server = await apiWithBalancers(memoryStore())
  const env = awsEnvironment({ endpoint: server.endpoint, region: 'eu-west-1', credentials: KEY })
  withAws = (command, ...args) => runToEnd(command, args, { timeoutSeconds: 240, env })
})
afterAll(() => server.close())

const BOTO3 = `
import boto3
ec2, elb, acm = boto3.client('ec2'), boto3.client('elbv2'), boto3.client('acm')

vpc = ec2.create_vpc(CidrBlock='10.40.0.0/16')['Vpc']['VpcId']
gateway = ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']
ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
subnets = [
    ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.40.{n}.0/24', AvailabilityZone=f'eu-west-1{zone}')['Subnet']['SubnetId']
    for n, zone in enumerate('ab')
]

made = elb.create_load_balancer(Name='boto', Subnets=subnets)['LoadBalancers'][0]
arn = made['LoadBalancerArn']
assert made['State']['Code'] == 'provisioning', made
elb.get_waiter('load_balancer_exists').wait(LoadBalancerArns=[arn], WaiterConfig={'Delay': 1})
elb.get_waiter('load_balancer_available').wait(Names=['boto'], WaiterConfig={'Delay': 1})

group = elb.create_target_group(
    Name='boto', Protocol='HTTP', Port=8080, VpcId=vpc, TargetType='ip',
    HealthCheckPath='/up', Matcher={'HttpCode': '200-299'})['TargetGroups'][0]['TargetGroupArn']
certificate = acm.request_certificate(DomainName='boto.test', KeyAlgorithm='EC_prime256v1')['CertificateArn']
acm.get_waiter('certificate_validated').wait(CertificateArn=certificate, WaiterConfig={'Delay': 1})
listener = elb.create_listener(
    LoadBalancerArn=arn, Protocol='HTTPS', Port=443, Certificates=[{'CertificateArn': certificate}],
    DefaultActions=[{'Type': 'forward', 'TargetGroupArn': group}])['Listeners'][0]['ListenerArn']

target = {'Id': '10.40.0.10', 'Port': 8080}
elb.register_targets(TargetGroupArn=group, Targets=[target])
elb.get_waiter('target_in_service').wait(TargetGroupArn=group, Targets=[target], WaiterConfig={'Delay': 1})
elb.deregister_targets(TargetGroupArn=group, Targets=[target])
elb.get_waiter('target_deregistered').wait(TargetGroupArn=group, Targets=[target], WaiterConfig={'Delay': 1})

for priority in range(1, 6):
    elb.create_rule(
        ListenerArn=listener, Priority=priority,
        Conditions=[{'Field': 'path-pattern', 'PathPatternConfig': {'Values': [f'/{priority}/*']}}],
        Actions=[{'Type': 'fixed-response', 'FixedResponseConfig': {'StatusCode': '404'}}])
pages = elb.get_paginator('describe_rules').paginate(ListenerArn=listener, PaginationConfig={'PageSize': 2})
assert [rule['Priority'] for page in pages for rule in page['Rules']] == ['1', '2', '3', '4', '5', 'default']

def refused(error, call, **arguments):
    try:
        call(**arguments)
    except error as found:
        return found.response['Error']
    raise AssertionError('not refused')

E = elb.exceptions
told = refused(E.ResourceInUseException, elb.delete_target_group, TargetGroupArn=group)
assert told['Code'] == 'ResourceInUse' and told['Message'].endswith('is currently in use by a listener or a rule'), told
refused(E.DuplicateListenerException, elb.create_listener, LoadBalancerArn=arn, Protocol='HTTP', Port=443,
        DefaultActions=[{'Type': 'forward', 'TargetGroupArn': group}])
refused(E.LoadBalancerNotFoundException, elb.describe_load_balancers, Names=['nobody'])
refused(E.PriorityInUseException, elb.create_rule, ListenerArn=listener, Priority=1,
        Conditions=[{'Field': 'path-pattern', 'Values': ['/x']}],
        Actions=[{'Type': 'forward', 'TargetGroupArn': group}])
refused(acm.exceptions.ResourceInUseException, acm.delete_certificate, CertificateArn=certificate)
told = refused(elb.exceptions.ClientError, elb.create_target_group, Name='x', Protocol='HTTP', Port=80, VpcId=vpc,
               HealthCheckIntervalSeconds=600)
assert told['Code'] == 'ValidationError' and 'healthCheckIntervalSeconds' in told['Message'], told

elb.delete_load_balancer(LoadBalancerArn=arn)
elb.get_waiter('load_balancers_deleted').wait(LoadBalancerArns=[arn], WaiterConfig={'Delay': 1})
elb.delete_target_group(TargetGroupArn=group)
acm.delete_certificate(CertificateArn=certificate)
for subnet in subnets:
    ec2.delete_subnet(SubnetId=subnet)
`

it(
  'boto3 makes them, waits with its own waiters, pages, and raises its own exceptions',
  async () => {
    const result = await withAws('python3', '-c', BOTO3)
    expect(result.stderr).toBe('')
    expect(result.exitCode).toBe(0)
    expect(server.bugs).toEqual([])
  },
  TIMEOUT_MS,
)

it(
  'the CLI takes them in its short forms, and certificates from files',
  async () => {
    const script = `
      set -eu
      folder=$(mktemp -d); trap 'rm -r "$folder"' EXIT
      openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=cli.test -keyout $folder/key -out $folder/cert 2>/dev/null
      openssl genrsa -out $folder/other 2048 2>/dev/null
      aws acm import-certificate --certificate fileb://$folder/cert --private-key fileb://$folder/other 2>&1 && exit 1
      arn=$(aws acm import-certificate --certificate fileb://$folder/cert --private-key fileb://$folder/key --query CertificateArn --output text)
      aws acm describe-certificate --certificate-arn $arn --query 'Certificate.[Type,KeyAlgorithm,DomainName]' --output text
      vpc=$(aws ec2 create-vpc --cidr-block 10.41.0.0/16 --query Vpc.VpcId --output text)
      group=$(aws elbv2 create-target-group --name cli --protocol TCP --port 53 --target-type ip --vpc-id $vpc --query 'TargetGroups[0].TargetGroupArn' --output text)
      aws elbv2 modify-target-group-attributes --target-group-arn $group --attributes Key=proxy_protocol_v2.enabled,Value=true --query 'Attributes[?Key==\`proxy_protocol_v2.enabled\`].Value' --output text
      aws elbv2 register-targets --target-group-arn $group --targets Id=10.41.0.9,Port=53 2>&1 && exit 1
      true`
    const result = await withAws('bash', '-c', script)
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(result.stdout).toContain('The certificate and the private key do not match.')
    expect(result.stdout).toContain('IMPORTED\tRSA-2048\tcli.test')
    expect(result.stdout).toMatch(/^true$/m)
    expect(result.stdout).toContain("since the IP address '10.41.0.9' is outside the VPC")
  },
  TIMEOUT_MS,
)
