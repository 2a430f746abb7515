// ARNs and ids have one home: every text that names a resource is built and read here.

import type { Random } from '#base/random.ts'
import type { Scope } from './scope.ts'

declare const kind: unique symbol
/** An ARN that knows what it names, so that a service's cannot be passed for a task's. */
export type Arn<Kind extends string> = string & { readonly [kind]: Kind }

export type ClusterArn = Arn<'ecs:cluster'>
export type TaskArn = Arn<'ecs:task'>
export type ContainerArn = Arn<'ecs:container'>
export type TaskDefinitionArn = Arn<'ecs:task-definition'>
export type ServiceArn = Arn<'ecs:service'>
export type ServiceRevisionArn = Arn<'ecs:service-revision'>
export type ServiceDeploymentArn = Arn<'ecs:service-deployment'>
export type TaskSetArn = Arn<'ecs:task-set'>
export type CapacityProviderArn = Arn<'ecs:capacity-provider'>
export type LogGroupArn = Arn<'logs:log-group'>
export type RoleArn = Arn<'iam:role'>
export type LoadBalancerArn = Arn<'elbv2:load-balancer'>
export type TargetGroupArn = Arn<'elbv2:target-group'>
export type ListenerArn = Arn<'elbv2:listener'>
export type ListenerRuleArn = Arn<'elbv2:listener-rule'>
export type CertificateArn = Arn<'acm:certificate'>

const regional = (service: string, scope: Scope, resource: string): string =>
  `arn:${scope.partition}:${service}:${scope.region}:${scope.account}:${resource}`

const global = (service: string, scope: Pick<Scope, 'partition' | 'account'>, resource: string): string =>
  `arn:${scope.partition}:${service}::${scope.account}:${resource}`

// ECS (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html, long form)
export const clusterArn = (scope: Scope, name: string): ClusterArn =>
  regional('ecs', scope, `cluster/${name}`) as ClusterArn
/** ECS task ids are 32 lower-case hex digits. */
export const taskArn = (scope: Scope, cluster: string, id: string): TaskArn =>
  regional('ecs', scope, `task/${cluster}/${id}`) as TaskArn
export const newTaskArn = (scope: Scope, cluster: string, random: Random): TaskArn =>
  taskArn(scope, cluster, random.hex(32))
export const containerArn = (scope: Scope, cluster: string, taskId: string, uuid: string): ContainerArn =>
  regional('ecs', scope, `container/${cluster}/${taskId}/${uuid}`) as ContainerArn
export const taskDefinitionArn = (scope: Scope, family: string, revision: number): TaskDefinitionArn =>
  regional('ecs', scope, `task-definition/${family}:${revision}`) as TaskDefinitionArn
export const serviceArn = (scope: Scope, cluster: string, name: string): ServiceArn =>
  regional('ecs', scope, `service/${cluster}/${name}`) as ServiceArn
/** `id` is 19 digits, the same as of the deployment "ecs-svc/<id>" that DescribeServices shows. */
export const serviceRevisionArn = (scope: Scope, cluster: string, service: string, id: string): ServiceRevisionArn =>
  regional('ecs', scope, `service-revision/${cluster}/${service}/${id}`) as ServiceRevisionArn
export const newServiceDeploymentArn = (
  scope: Scope,
  cluster: string,
  service: string,
  random: Random,
): ServiceDeploymentArn =>
  regional('ecs', scope, `service-deployment/${cluster}/${service}/${random.alphanumeric(21)}`) as ServiceDeploymentArn
/** `id` is "ecs-svc/" and 19 digits. */
export const taskSetArn = (scope: Scope, cluster: string, service: string, id: string): TaskSetArn =>
  regional('ecs', scope, `task-set/${cluster}/${service}/${id}`) as TaskSetArn
export const capacityProviderArn = (scope: Scope, name: string): CapacityProviderArn =>
  regional('ecs', scope, `capacity-provider/${name}`) as CapacityProviderArn

// CloudWatch Logs
export const logGroupArn = (scope: Scope, name: string): LogGroupArn =>
  regional('logs', scope, `log-group:${name}`) as LogGroupArn
export const logStreamArn = (scope: Scope, group: string, stream: string): string =>
  regional('logs', scope, `log-group:${group}:log-stream:${stream}`)

// EC2
export const ec2Arn = (scope: Scope, type: string, id: string): string => regional('ec2', scope, `${type}/${id}`)

// Elastic Load Balancing: every id is 16 lower-case hex digits, and a listener's ARN repeats its load balancer's path.
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html)

/** `path` is "app/<name>/<id>" or "net/<name>/<id>". */
export const loadBalancerArn = (scope: Scope, path: string): LoadBalancerArn =>
  regional('elasticloadbalancing', scope, `loadbalancer/${path}`) as LoadBalancerArn

export const targetGroupArn = (scope: Scope, name: string, id: string): TargetGroupArn =>
  regional('elasticloadbalancing', scope, `targetgroup/${name}/${id}`) as TargetGroupArn

/** `path` is the load balancer's. */
export const listenerArn = (scope: Scope, path: string, id: string): ListenerArn =>
  regional('elasticloadbalancing', scope, `listener/${path}/${id}`) as ListenerArn

/** `path` is the load balancer's. */
export const listenerRuleArn = (scope: Scope, path: string, listenerId: string, id: string): ListenerRuleArn =>
  regional('elasticloadbalancing', scope, `listener-rule/${path}/${listenerId}/${id}`) as ListenerRuleArn

// ACM

export const certificateArn = (scope: Scope, uuid: string): CertificateArn =>
  regional('acm', scope, `certificate/${uuid}`) as CertificateArn

// CodeDeploy: the resource's parts are parted by colons.
export const codeDeployApplicationArn = (scope: Scope, application: string): string =>
  regional('codedeploy', scope, `application:${application}`)
export const codeDeployGroupArn = (scope: Scope, application: string, group: string): string =>
  regional('codedeploy', scope, `deploymentgroup:${application}/${group}`)

// IAM and STS are global: their ARNs carry no region.
export const rootArn = (scope: Pick<Scope, 'partition' | 'account'>): string => global('iam', scope, 'root')
/** `path` starts and ends with "/". */
export const roleArn = (scope: Pick<Scope, 'partition' | 'account'>, path: string, name: string): RoleArn =>
  global('iam', scope, `role${path}${name}`) as RoleArn
export const policyArn = (scope: Pick<Scope, 'partition' | 'account'>, path: string, name: string): string =>
  global('iam', scope, `policy${path}${name}`)
/** AWS's own managed policies belong to the account "aws". */
export const managedPolicyArn = (partition: string, path: string, name: string): string =>
  `arn:${partition}:iam::aws:policy${path}${name}`
export const assumedRoleArn = (scope: Pick<Scope, 'partition' | 'account'>, role: string, session: string): string =>
  global('sts', scope, `assumed-role/${role}/${session}`)

export interface ArnParts {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly account: string
  /** Everything after the fifth colon, e.g. "task/default/0123…". */
  readonly resource: string
}

/** Undefined when the text is no ARN. */
export const parseArn = (text: string): ArnParts | undefined => {
  const [prefix, partition, service, region, account, ...resource] = text.split(':')
  if (prefix !== 'arn' || !partition || !service || region === undefined || account === undefined) return undefined
  if (resource.length === 0) return undefined
  return { partition, service, region, account, resource: resource.join(':') }
}

/** The last part of a path-like resource: the id of a task, the name of a cluster, "family:revision". */
export const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1)

/** EC2 ids are a prefix and 17 lower-case hex digits, e.g. "eni-0123456789abcdef0". */
export const newEc2Id = (prefix: string, random: Random): string => `${prefix}-${random.hex(17)}`
