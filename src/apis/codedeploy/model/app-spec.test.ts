// Goal: an AppSpec file for ECS is read as CodeDeploy reads it, in YAML and JSON; what is none is refused.

import { describe, expect, it } from 'vitest'
import { readAppSpec } from './app-spec.ts'

/** As AWS's documentation shows it, every property there is. */
const WHOLE = `
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "arn:aws:ecs:us-east-1:111222333444:task-definition/my-task-definition-family-name:1"
        LoadBalancerInfo:
          ContainerName: "SampleApplicationName"
          ContainerPort: 80
# Optional properties
        PlatformVersion: "LATEST"
        NetworkConfiguration:
          AwsvpcConfiguration:
            Subnets: ["subnet-1234abcd","subnet-5678abcd"]
            SecurityGroups: ["sg-12345678"]
            AssignPublicIp: "ENABLED"
        CapacityProviderStrategy:
          - Base: 1
            CapacityProvider: "FARGATE_SPOT"
            Weight: 2
          - Base: 0
            CapacityProvider: "FARGATE"
            Weight: 1
Hooks:
  - BeforeInstall: "LambdaFunctionToValidateBeforeInstall"
  - AfterAllowTraffic: "LambdaFunctionToValidateAfterAllowTraffic"
`

const properties = (more: object = {}, rest: object = {}): string =>
  JSON.stringify({
    version: 0.0,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: 'web:1',
            LoadBalancerInfo: { ContainerName: 'web', ContainerPort: 80 },
            ...more,
          },
          ...rest,
        },
      },
    ],
  })

describe('reads', () => {
  it('every property there is', () => {
    expect(readAppSpec(WHOLE)).toEqual({
      taskDefinition: 'arn:aws:ecs:us-east-1:111222333444:task-definition/my-task-definition-family-name:1',
      containerName: 'SampleApplicationName',
      containerPort: 80,
      platformVersion: 'LATEST',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ['subnet-1234abcd', 'subnet-5678abcd'],
          securityGroups: ['sg-12345678'],
          assignPublicIp: 'ENABLED',
        },
      },
      capacityProviderStrategy: [
        { capacityProvider: 'FARGATE_SPOT', base: 1, weight: 2 },
        { capacityProvider: 'FARGATE', base: 0, weight: 1 },
      ],
      hooks: {
        BeforeInstall: 'LambdaFunctionToValidateBeforeInstall',
        AfterAllowTraffic: 'LambdaFunctionToValidateAfterAllowTraffic',
      },
    })
  })

  it('the least there can be, in whatever case', () => {
    const content = properties().replace('"Resources"', '"resources"').replace('"TaskDefinition"', '"taskDefinition"')
    expect(readAppSpec(content)).toEqual({
      taskDefinition: 'web:1',
      containerName: 'web',
      containerPort: 80,
      hooks: {},
    })
  })
})

describe('refuses', () => {
  it.each([
    [
      'what is no YAML',
      'a: [1',
      'The AppSpec file must be valid JSON or YAML. unexpected end of the stream within a flow collection in line 1.',
    ],
    ['a text', 'hello', 'The AppSpec file must be valid JSON or YAML. The template cannot be parsed.'],
    ['a file without a version', '{"Resources": []}', 'The AppSpec file must contain a value for version.'],
    ['another version', '{"version": "1.0", "Resources": []}', 'contains an invalid value for version.'],
    ['a file for instances', 'version: 0.0\nos: linux\nfiles: []', 'Exactly one target service must be specified'],
    ['two services', '{"version": 0, "Resources": [{"A": {}, "B": {}}]}', 'Exactly one target service'],
    ['another type', properties({}, { Type: 'AWS::Lambda::Function' }), 'must be AWS::ECS::Service'],
    ['no task definition', properties({ TaskDefinition: null }), 'must contain a value for TaskDefinition'],
    ['no container', properties({ LoadBalancerInfo: { ContainerPort: 80 } }), 'must contain a value for ContainerName'],
    [
      'a port that is none',
      properties({ LoadBalancerInfo: { ContainerName: 'a', ContainerPort: 'x' } }),
      'ContainerPort',
    ],
    ['a load balancer in a list', properties({ LoadBalancerInfo: [] }), 'must contain a value for LoadBalancerInfo'],
    ['an unknown hook', WHOLE.replace('BeforeInstall', 'BeforeLunch'), 'invalid lifecycle event: BeforeLunch'],
    ['a hook at an event that has none', WHOLE.replace('BeforeInstall', 'Install'), 'invalid lifecycle event: Install'],
    ['a file that is too large', `#${'x'.repeat(300_000)}`, 'larger than 262144 characters'],
  ])('%s', (_, content, problem) => {
    expect(() => readAppSpec(content)).toThrow(problem)
    expect(() => readAppSpec(content)).toThrow(expect.objectContaining({ code: 'InvalidRevisionException' }))
  })
})
