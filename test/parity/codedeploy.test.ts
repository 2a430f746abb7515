// Goal: the AWS CLI and boto3 deploy a service blue/green with CodeDeploy, wait with their own waiters, and are told what
// is wrong as by AWS.
// Method: one instance; a service of no tasks, so that nothing is waited for but the deployment itself.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { IMAGE, type Instance, startInstance } from '#test/instance.ts'

/** A bound on a test that hangs: each call of the CLI takes a second or so. */
const TIMEOUT_MS = 300_000

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
}, TIMEOUT_MS)
afterAll(() => instance?.down())

const BOTO3 = `
import boto3, json, time
ec2, elb, ecs, deploy = (boto3.client(name) for name in ('ec2', 'elbv2', 'ecs', 'codedeploy'))
subnets = ec2.describe_subnets()['Subnets']
vpc, subnets = subnets[0]['VpcId'], [one['SubnetId'] for one in subnets[:2]]
balancer = elb.create_load_balancer(Name='boto', Subnets=subnets, Scheme='internal')['LoadBalancers'][0]['LoadBalancerArn']
blue, green = [
    elb.create_target_group(Name=name, Protocol='HTTP', Port=80, VpcId=vpc, TargetType='ip')['TargetGroups'][0]['TargetGroupArn']
    for name in ('blue', 'green')
]
listener = elb.create_listener(
    LoadBalancerArn=balancer, Protocol='HTTP', Port=80,
    DefaultActions=[{'Type': 'forward', 'TargetGroupArn': blue}])['Listeners'][0]['ListenerArn']
for _ in range(2):
    ecs.register_task_definition(
        family='app', requiresCompatibilities=['FARGATE'], networkMode='awsvpc', cpu='256', memory='512',
        containerDefinitions=[{'name': 'app', 'image': '${IMAGE}', 'portMappings': [{'containerPort': 80}]}])
ecs.create_service(
    serviceName='app', taskDefinition='app:1', desiredCount=0, launchType='FARGATE',
    deploymentController={'type': 'CODE_DEPLOY'},
    networkConfiguration={'awsvpcConfiguration': {'subnets': subnets}},
    loadBalancers=[{'targetGroupArn': blue, 'containerName': 'app', 'containerPort': 80}])

deploy.create_application(applicationName='app', computePlatform='ECS', tags=[{'Key': 'a', 'Value': 'b'}])
group = dict(
    applicationName='app', serviceRoleArn='arn:aws:iam::000000000000:role/x',
    ecsServices=[{'clusterName': 'default', 'serviceName': 'app'}],
    deploymentStyle={'deploymentType': 'BLUE_GREEN', 'deploymentOption': 'WITH_TRAFFIC_CONTROL'},
    blueGreenDeploymentConfiguration={
        'terminateBlueInstancesOnDeploymentSuccess': {'action': 'TERMINATE', 'terminationWaitTimeInMinutes': 0},
        'deploymentReadyOption': {'actionOnTimeout': 'STOP_DEPLOYMENT', 'waitTimeInMinutes': 10}},
    loadBalancerInfo={'targetGroupPairInfoList': [{
        'targetGroups': [{'name': 'blue'}, {'name': 'green'}],
        'prodTrafficRoute': {'listenerArns': [listener]}}]})
deploy.create_deployment_group(deploymentGroupName='live', **group)

def refused(error, call, **arguments):
    try:
        call(**arguments)
    except error as found:
        return found.response['Error']
    raise AssertionError('not refused')

E = deploy.exceptions
told = refused(E.ECSServiceMappingLimitExceededException, deploy.create_deployment_group, deploymentGroupName='two', **group)
refused(E.ApplicationAlreadyExistsException, deploy.create_application, applicationName='app', computePlatform='ECS')
told = refused(E.DeploymentGroupDoesNotExistException, deploy.get_deployment_group, applicationName='app', deploymentGroupName='x')
assert told['Message'] == 'No Deployment Group found for name: x', told
lax = boto3.client('codedeploy', config=__import__('botocore').config.Config(parameter_validation=False))
told = refused(E.ApplicationNameRequiredException, lax.get_application)
refused(E.DeploymentGroupNameRequiredException, lax.get_deployment_group, applicationName='app')
refused(E.InvalidOperationException, deploy.delete_deployment_config,
        deploymentConfigName='CodeDeployDefault.ECSAllAtOnce')

content = '''
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "app:2"
        LoadBalancerInfo:
          ContainerName: "app"
          ContainerPort: 80
'''
asked = dict(applicationName='app', deploymentGroupName='live',
             revision={'revisionType': 'AppSpecContent', 'appSpecContent': {'content': content}})
id = deploy.create_deployment(**asked)['deploymentId']
told = refused(E.DeploymentLimitExceededException, deploy.create_deployment, **asked)
assert told['Message'] == f"The Deployment Group 'live' already has an active Deployment '{id}'", told
while deploy.get_deployment(deploymentId=id)['deploymentInfo']['status'] != 'Ready':
    time.sleep(0.5)
deploy.continue_deployment(deploymentId=id, deploymentWaitType='READY_WAIT')
deploy.get_waiter('deployment_successful').wait(deploymentId=id, WaiterConfig={'Delay': 1})
targets = deploy.list_deployment_targets(deploymentId=id)['targetIds']
assert targets == ['default:app'], targets
target = deploy.get_deployment_target(deploymentId=id, targetId=targets[0])['deploymentTarget']['ecsTarget']
assert [event['status'] for event in target['lifecycleEvents']] == ['Succeeded'] * 6, target
weights = elb.describe_listeners(ListenerArns=[listener])['Listeners'][0]['DefaultActions'][0]['ForwardConfig']['TargetGroups']
assert {one['TargetGroupArn']: one['Weight'] for one in weights} == {blue: 0, green: 100}, weights
assert ecs.describe_services(services=['app'])['services'][0]['taskDefinition'].endswith(':2')
pages = deploy.get_paginator('list_deployments').paginate(applicationName='app', deploymentGroupName='live')
assert [one for page in pages for one in page['deployments']] == [id]

id = deploy.create_deployment(**asked)['deploymentId']
assert deploy.stop_deployment(deploymentId=id, autoRollbackEnabled=True)['status'] == 'Pending'
try:
    deploy.get_waiter('deployment_successful').wait(deploymentId=id, WaiterConfig={'Delay': 1})
    raise AssertionError('it was stopped')
except __import__('botocore').exceptions.WaiterError as found:
    assert found.last_response['deploymentInfo']['errorInformation']['code'] == 'MANUAL_STOP'
print(listener)
`

it(
  'boto3 makes, deploys, continues and stops, with its own waiter and exceptions',
  async () => {
    const result = await instance.withAws('python3', '-c', BOTO3)
    expect(result, result.stderr).toMatchObject({ exitCode: 0, stderr: '' })
  },
  TIMEOUT_MS,
)

it(
  'the AWS CLI takes an AppSpec file in YAML, and waits for the deployment',
  async () => {
    const script = `
      set -eu
      folder=$(mktemp -d); trap 'rm -r "$folder"' EXIT
      aws deploy update-deployment-group --application-name app --current-deployment-group-name live \\
        --deployment-config-name CodeDeployDefault.ECSAllAtOnce \\
        --blue-green-deployment-configuration 'terminateBlueInstancesOnDeploymentSuccess={action=TERMINATE}'
      cat > $folder/revision.yaml <<'APPSPEC'
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties: { TaskDefinition: "app:1", LoadBalancerInfo: { ContainerName: app, ContainerPort: 80 } }
APPSPEC
      python3 -c 'import json, sys; print(json.dumps(dict(revisionType="String", string=dict(content=sys.stdin.read()))))' \\
        < $folder/revision.yaml > $folder/revision.json
      id=$(aws deploy create-deployment --application-name app --deployment-group-name live \\
        --revision file://$folder/revision.json --query deploymentId --output text)
      aws deploy wait deployment-successful --deployment-id $id
      aws deploy get-deployment --deployment-id $id --query 'deploymentInfo.[status,creator]' --output text
      aws deploy list-tags-for-resource --resource-arn arn:aws:codedeploy:us-east-1:$ACCOUNT:application:app \\
        --query 'Tags[].[Key,Value]' --output text
      aws deploy delete-application --application-name app
      aws deploy list-applications --query applications --output text`
    const account = `ACCOUNT=${instance.config.account}`
    const result = await instance.withAws('env', account, 'bash', '-c', script)
    expect(result, result.stderr).toMatchObject({ exitCode: 0, stderr: '' })
    expect(result.stdout).toContain('Succeeded\tuser\na\tb\n')
  },
  TIMEOUT_MS,
)
