// AWS's own managed policies that ECS needs, and those that most accounts use beside them.
// (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html)

import { managedPolicyArn } from '#aws/arn.ts'
import type { PolicyRecord } from './records.ts'

interface ManagedPolicy {
  readonly id: string
  readonly path: string
  readonly name: string
  readonly description: string
  readonly version: number
  readonly createdAt: string
  readonly statements: readonly object[]
}

const allow = (Action: readonly string[] | string, Sid?: string): object => ({
  ...(Sid === undefined ? {} : { Sid }),
  Effect: 'Allow',
  Action,
  Resource: '*',
})

const PULL_IMAGES = [
  'ecr:GetAuthorizationToken',
  'ecr:BatchCheckLayerAvailability',
  'ecr:GetDownloadUrlForLayer',
  'ecr:BatchGetImage',
]

const POLICIES: readonly ManagedPolicy[] = [
  {
    id: 'ANPAIWMBCKSKIEE64ZLYK',
    path: '/',
    name: 'AdministratorAccess',
    description: 'Provides full access to AWS services and resources.',
    version: 1,
    createdAt: '2015-02-06T18:39:46Z',
    statements: [allow('*')],
  },
  {
    id: 'ANPAJG4T4G4PV56DE72PY',
    path: '/service-role/',
    name: 'AmazonECSTaskExecutionRolePolicy',
    description: 'Provides access to other AWS service resources that are required to run Amazon ECS tasks',
    version: 1,
    createdAt: '2017-11-16T18:48:22Z',
    statements: [allow([...PULL_IMAGES, 'logs:CreateLogStream', 'logs:PutLogEvents'])],
  },
  {
    id: 'ANPAJO53W2XHNACG7V77Q',
    path: '/service-role/',
    name: 'AmazonEC2ContainerServiceRole',
    description: 'Default policy for Amazon ECS service role.',
    version: 2,
    createdAt: '2015-04-09T16:14:19Z',
    statements: [
      allow([
        'ec2:AuthorizeSecurityGroupIngress',
        'ec2:Describe*',
        'elasticloadbalancing:DeregisterInstancesFromLoadBalancer',
        'elasticloadbalancing:DeregisterTargets',
        'elasticloadbalancing:Describe*',
        'elasticloadbalancing:RegisterInstancesWithLoadBalancer',
        'elasticloadbalancing:RegisterTargets',
      ]),
    ],
  },
  {
    id: 'ANPAJ3ZGNWK2R5HW5BQFO',
    path: '/',
    name: 'CloudWatchLogsFullAccess',
    description: 'Provides full access to CloudWatch Logs',
    version: 2,
    createdAt: '2015-02-06T18:40:02Z',
    statements: [allow(['logs:*', 'cloudwatch:GenerateQuery'], 'CloudWatchLogsFullAccess')],
  },
  {
    id: 'ANPAJ2YIYDYSNNEHK3VKW',
    path: '/',
    name: 'CloudWatchLogsReadOnlyAccess',
    description: 'Provides read only access to CloudWatch Logs',
    version: 6,
    createdAt: '2015-02-06T18:40:03Z',
    statements: [
      allow([
        'logs:Describe*',
        'logs:Get*',
        'logs:List*',
        'logs:StartQuery',
        'logs:StopQuery',
        'logs:TestMetricFilter',
        'logs:FilterLogEvents',
        'logs:StartLiveTail',
        'logs:StopLiveTail',
        'cloudwatch:GenerateQuery',
      ]),
    ],
  },
  {
    id: 'ANPAIFYZPA37OOHVIH7KQ',
    path: '/',
    name: 'AmazonEC2ContainerRegistryReadOnly',
    description: 'Provides read-only access to Amazon EC2 Container Registry repositories.',
    version: 3,
    createdAt: '2015-12-21T17:04:15Z',
    statements: [
      allow([
        ...PULL_IMAGES,
        'ecr:GetRepositoryPolicy',
        'ecr:DescribeRepositories',
        'ecr:ListImages',
        'ecr:DescribeImages',
        'ecr:GetLifecyclePolicy',
        'ecr:GetLifecyclePolicyPreview',
        'ecr:ListTagsForResource',
        'ecr:DescribeImageScanFindings',
      ]),
    ],
  },
  {
    id: 'ANPAJODSKQGGJTHRYZ5FC',
    path: '/',
    name: 'AmazonSSMReadOnlyAccess',
    description: 'Provides read only access to Amazon SSM.',
    version: 1,
    createdAt: '2015-05-29T17:44:19Z',
    statements: [allow(['ssm:Describe*', 'ssm:Get*', 'ssm:List*'])],
  },
  {
    id: 'ANPAIFIR6V6BVTRAHWINE',
    path: '/',
    name: 'AmazonS3FullAccess',
    description: 'Provides full access to all buckets via the AWS Management Console.',
    version: 2,
    createdAt: '2015-02-06T18:40:58Z',
    statements: [allow(['s3:*', 's3-object-lambda:*'])],
  },
  {
    id: 'ANPAIZTJ4DXE7G6AGAE6M',
    path: '/',
    name: 'AmazonS3ReadOnlyAccess',
    description: 'Provides read only access to all buckets via the AWS Management Console.',
    version: 3,
    createdAt: '2015-02-06T18:40:59Z',
    statements: [allow(['s3:Get*', 's3:List*', 's3:Describe*', 's3-object-lambda:Get*', 's3-object-lambda:List*'])],
  },
  {
    // Abridged: AWS's own lists more than a thousand actions. These are the ones of the APIs that exist here.
    id: 'ANPAILL3HVNFSB6DCOWYQ',
    path: '/',
    name: 'ReadOnlyAccess',
    description: 'Provides read-only access to AWS services and resources.',
    version: 1,
    createdAt: '2015-02-06T18:39:48Z',
    statements: [
      allow([
        'ec2:Describe*',
        'ec2:Get*',
        'ecs:Describe*',
        'ecs:List*',
        'iam:Generate*',
        'iam:Get*',
        'iam:List*',
        'iam:Simulate*',
        'logs:Describe*',
        'logs:FilterLogEvents',
        'logs:Get*',
        'logs:ListTagsForResource',
        'logs:StartQuery',
        'logs:StopQuery',
        'sts:GetAccessKeyInfo',
        'sts:GetCallerIdentity',
        'sts:GetSessionToken',
      ]),
    ],
  },
  {
    // Abridged to what concerns tasks, their network and their logs.
    id: 'ANPAIVUWKCAI7URU4WUEI',
    path: '/aws-service-role/',
    name: 'AmazonECSServiceRolePolicy',
    description: 'Policy to enable Amazon ECS to manage your cluster.',
    version: 1,
    createdAt: '2017-10-14T01:18:58Z',
    statements: [
      allow(
        [
          'ec2:AttachNetworkInterface',
          'ec2:CreateNetworkInterface',
          'ec2:CreateNetworkInterfacePermission',
          'ec2:DeleteNetworkInterface',
          'ec2:DeleteNetworkInterfacePermission',
          'ec2:Describe*',
          'ec2:DetachNetworkInterface',
          'elasticloadbalancing:DeregisterInstancesFromLoadBalancer',
          'elasticloadbalancing:DeregisterTargets',
          'elasticloadbalancing:Describe*',
          'elasticloadbalancing:RegisterInstancesWithLoadBalancer',
          'elasticloadbalancing:RegisterTargets',
          'servicediscovery:DeregisterInstance',
          'servicediscovery:Get*',
          'servicediscovery:List*',
          'servicediscovery:RegisterInstance',
          'servicediscovery:UpdateInstanceCustomHealthStatus',
        ],
        'ECSTaskManagement',
      ),
    ],
  },
]

/** The same for every account of a partition. */
export const managedPolicies = (partition: string): PolicyRecord[] =>
  POLICIES.map(({ id, path, name, description, version, createdAt, statements }) => ({
    id,
    owner: { partition, account: 'aws' },
    arn: managedPolicyArn(partition, path, name),
    name,
    path,
    description,
    versions: [
      { id: `v${version}`, document: JSON.stringify({ Version: '2012-10-17', Statement: statements }), createdAt },
    ],
    defaultVersionId: `v${version}`,
    lastVersion: version,
    tags: [],
    createdAt,
    updatedAt: createdAt,
  }))
