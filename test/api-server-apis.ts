// Small APIs for the API server's tests: each operation shows one thing that a wire protocol can get wrong.

import type * as cloudwatchSdk from '@aws-sdk/client-cloudwatch'
import type * as logsSdk from '@aws-sdk/client-cloudwatch-logs'
import type * as ec2Sdk from '@aws-sdk/client-ec2'
import type * as ecsSdk from '@aws-sdk/client-ecs'
import type * as efsSdk from '@aws-sdk/client-efs'
import type * as iamSdk from '@aws-sdk/client-iam'
import type * as route53Sdk from '@aws-sdk/client-route-53'
import type * as stsSdk from '@aws-sdk/client-sts'
import { api, type Api } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'

const then = new Date('2026-01-02T03:04:05.678Z')

/** awsJson 1.1: nested structures, times, modelled errors with further members, a bug. */
export const ecs = api<typeof ecsSdk>('ecs', {
  DescribeTasks: async (input, call) => ({
    tasks: input.tasks.map((taskArn) => ({
      taskArn,
      clusterArn: input.cluster,
      createdAt: then,
      startedBy: `${call.scope.account} in ${call.scope.region}`,
      tags: [{ key: 'name', value: 'a "quoted" \\ text\nwith ünïcödé 🎉 and \u0000' }],
    })),
    failures: [],
  }),
  RegisterTaskDefinition: async ({ tags, ...definition }) => ({
    taskDefinition: { ...definition, registeredAt: then },
    tags,
  }),
  DeleteCluster: async () => {
    throw new AwsError('ClusterNotFoundException', 'Cluster not found.')
  },
  UpdateService: async () => {
    throw new AwsError('ConflictException', 'Busy.', { members: { resourceIds: ['one', 'two'] } })
  },
  StopTask: async () => {
    throw new Error('a secret of ours: hunter2')
  },
  // A typing mistake in an optional member; the type checker does not see it through this cast.
  ListClusters: async () => ({ clusterArn: ['typo'] }) as never,
})

/** awsJson 1.1 with lengths, patterns and sensitive members. */
export const logs = api<typeof logsSdk>('logs', {
  PutLogEvents: async (input) => ({ nextSequenceToken: String(input.logEvents.length) }),
  DescribeLogGroups: async (input) => ({ logGroups: [{ logGroupName: input.logGroupNamePrefix, creationTime: 1e12 }] }),
  CreateLogGroup: async () => {
    throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists')
  },
})

/** The query protocol: lists, maps, errors whose code is not their name. */
export const iam = api<typeof iamSdk>('iam', {
  CreateRole: async (input) => ({
    Role: {
      Path: input.Path ?? '/',
      RoleName: input.RoleName,
      RoleId: 'AROA',
      Arn: 'role',
      CreateDate: then,
      AssumeRolePolicyDocument: input.AssumeRolePolicyDocument,
      MaxSessionDuration: input.MaxSessionDuration,
      Tags: input.Tags,
    },
  }),
  ListRoles: async (input) => ({ Roles: [], IsTruncated: false, Marker: String(input.MaxItems) }),
  GetRole: async () => {
    throw new AwsError('NoSuchEntityException', 'The role with name <x> & co cannot be found.')
  },
  DeleteRole: async () => ({}),
})

export const sts = api<typeof stsSdk>('sts', {
  GetCallerIdentity: async (_, { caller }) => ({ Account: caller.account, Arn: caller.arn, UserId: caller.userId }),
  AssumeRoleWithWebIdentity: async (input) => ({ SubjectFromWebIdentityToken: input.RoleSessionName }),
})

/** EC2's own protocol: flat lists, free-text codes, outputs without members. */
export const ec2 = api<typeof ec2Sdk>('ec2', {
  DescribeVpcs: async (input) => ({
    Vpcs: (input.VpcIds ?? []).map((VpcId) => ({
      VpcId,
      IsDefault: input.Filters?.[0]?.Values?.includes('true') ?? false,
      CidrBlock: input.Filters?.[1]?.Values?.join(),
      Tags: [],
    })),
  }),
  DescribeSubnets: async () => {
    throw new AwsError('InvalidSubnetID.NotFound', "The subnet ID 'subnet-1' does not exist")
  },
  DeleteVpc: async () => ({}),
  AuthorizeSecurityGroupIngress: async (input) => ({
    Return: true,
    SecurityGroupRules: (input.IpPermissions ?? []).map((permission) => ({
      FromPort: permission.FromPort,
      CidrIpv4: permission.IpRanges?.map((range) => range.CidrIp).join(' '),
      IsEgress: false,
    })),
  }),
})

/** restJson1: labels, query strings, statuses without a body. */
export const efs = api<typeof efsSdk>('efs', {
  CreateFileSystem: async (input) => ({
    OwnerId: 'me',
    CreationToken: input.CreationToken,
    FileSystemId: 'fs-1',
    CreationTime: then,
    LifeCycleState: 'creating',
    NumberOfMountTargets: 0,
    SizeInBytes: { Value: 6144, Timestamp: then },
    PerformanceMode: 'generalPurpose',
    Tags: input.Tags ?? [],
    ProvisionedThroughputInMibps: input.ProvisionedThroughputInMibps,
  }),
  DescribeFileSystems: async (input) => {
    if (input.FileSystemId === 'fs-404') {
      throw new AwsError('FileSystemNotFound', 'No such file system.', { members: { ErrorCode: 'FileSystemNotFound' } })
    }
    return { FileSystems: [], Marker: `${input.MaxItems} after ${input.Marker}` }
  },
  DeleteFileSystem: async () => ({}),
  ListTagsForResource: async (input) => ({ Tags: [{ Key: 'id', Value: input.ResourceId }] }),
  UntagResource: async (input) => {
    if (input.TagKeys.join() !== 'a,b c') throw new AwsError('BadRequest', `keys were ${input.TagKeys.join()}`)
    return {}
  },
})

/** restXml: XML both ways, headers in the output. */
export const route53 = api<typeof route53Sdk>('route-53', {
  CreateHostedZone: async (input) => ({
    HostedZone: {
      Id: '/hostedzone/Z1',
      Name: input.Name,
      CallerReference: input.CallerReference,
      Config: { Comment: input.HostedZoneConfig?.Comment, PrivateZone: true },
    },
    ChangeInfo: { Id: '/change/C1', Status: 'PENDING', SubmittedAt: then },
    DelegationSet: { NameServers: ['ns-1', 'ns-2'] },
    Location: 'https://route53.amazonaws.com/2013-04-01/hostedzone/Z1',
  }),
  ChangeResourceRecordSets: async (input) => ({
    ChangeInfo: {
      Id: input.HostedZoneId,
      Status: 'INSYNC',
      SubmittedAt: then,
      Comment: input.ChangeBatch.Changes.map(
        ({ Action, ResourceRecordSet: set }) =>
          `${Action} ${set.Name} ${set.TTL} ${set.ResourceRecords?.map(({ Value }) => Value).join('|')}`,
      ).join('; '),
    },
  }),
  GetHostedZone: async () => {
    throw new AwsError('NoSuchHostedZone', 'No hosted zone found with ID: Z404')
  },
})

/** JSON for today's clients, CBOR for some, the query protocol for old ones. */
export const cloudwatch = api<typeof cloudwatchSdk>('cloudwatch', {
  GetMetricStatistics: async (input) => ({
    Label: input.MetricName,
    Datapoints: [{ Timestamp: input.StartTime, Average: 2, Sum: 0.1, Unit: 'Count' }],
  }),
  PutMetricData: async (input) => {
    if ((input.MetricData ?? []).length !== 300) {
      throw new AwsError('InvalidParameterValueException', `${(input.MetricData ?? []).length} is not 300`)
    }
    return {}
  },
  GetDashboard: async () => {
    throw new AwsError('DashboardNotFoundError', 'Dashboard x does not exist')
  },
})

export const ALL_APIS: readonly Api[] = [ecs, logs, iam, sts, ec2, efs, route53, cloudwatch]
