// ECS's door: its operations.

import type * as sdk from '@aws-sdk/client-ecs'
import { type Api, api } from '#aws/operation.ts'
import { continueServiceDeployment } from './operations/continue-service-deployment.ts'
import { createCluster } from './operations/create-cluster.ts'
import { createService } from './operations/create-service.ts'
import { createTaskSet } from './operations/create-task-set.ts'
import { deleteAccountSetting } from './operations/delete-account-setting.ts'
import { deleteCluster } from './operations/delete-cluster.ts'
import { deleteService } from './operations/delete-service.ts'
import { deleteTaskDefinitions } from './operations/delete-task-definitions.ts'
import { deleteTaskSet } from './operations/delete-task-set.ts'
import { deregisterTaskDefinition } from './operations/deregister-task-definition.ts'
import { describeCapacityProviders } from './operations/describe-capacity-providers.ts'
import { describeClusters } from './operations/describe-clusters.ts'
import { describeServiceDeployments } from './operations/describe-service-deployments.ts'
import { describeServiceRevisions } from './operations/describe-service-revisions.ts'
import { describeServices } from './operations/describe-services.ts'
import { describeTaskDefinition } from './operations/describe-task-definition.ts'
import { describeTaskSets } from './operations/describe-task-sets.ts'
import { describeTasks } from './operations/describe-tasks.ts'
import { getTaskProtection } from './operations/get-task-protection.ts'
import { listAccountSettings } from './operations/list-account-settings.ts'
import { listClusters } from './operations/list-clusters.ts'
import { listServiceDeployments } from './operations/list-service-deployments.ts'
import { listServicesByNamespace } from './operations/list-services-by-namespace.ts'
import { listServices } from './operations/list-services.ts'
import { listTagsForResource } from './operations/list-tags-for-resource.ts'
import { listTaskDefinitionFamilies } from './operations/list-task-definition-families.ts'
import { listTaskDefinitions } from './operations/list-task-definitions.ts'
import { listTasks } from './operations/list-tasks.ts'
import { putAccountSettingDefault } from './operations/put-account-setting-default.ts'
import { putAccountSetting } from './operations/put-account-setting.ts'
import { putClusterCapacityProviders } from './operations/put-cluster-capacity-providers.ts'
import { registerTaskDefinition } from './operations/register-task-definition.ts'
import { runTask } from './operations/run-task.ts'
import { startTask } from './operations/start-task.ts'
import { stopServiceDeployment } from './operations/stop-service-deployment.ts'
import { stopTask } from './operations/stop-task.ts'
import { tagResource } from './operations/tag-resource.ts'
import { untagResource } from './operations/untag-resource.ts'
import { updateClusterSettings } from './operations/update-cluster-settings.ts'
import { updateCluster } from './operations/update-cluster.ts'
import { updateServicePrimaryTaskSet } from './operations/update-service-primary-task-set.ts'
import { updateService } from './operations/update-service.ts'
import { updateTaskProtection } from './operations/update-task-protection.ts'
import { updateTaskSet } from './operations/update-task-set.ts'

export const ecs: Api = api<typeof sdk>('ecs', {
  ContinueServiceDeployment: continueServiceDeployment,
  CreateCluster: createCluster,
  CreateService: createService,
  CreateTaskSet: createTaskSet,
  DeleteAccountSetting: deleteAccountSetting,
  DeleteCluster: deleteCluster,
  DeleteService: deleteService,
  DeleteTaskDefinitions: deleteTaskDefinitions,
  DeleteTaskSet: deleteTaskSet,
  DeregisterTaskDefinition: deregisterTaskDefinition,
  DescribeCapacityProviders: describeCapacityProviders,
  DescribeClusters: describeClusters,
  DescribeServiceDeployments: describeServiceDeployments,
  DescribeServiceRevisions: describeServiceRevisions,
  DescribeServices: describeServices,
  DescribeTaskDefinition: describeTaskDefinition,
  DescribeTaskSets: describeTaskSets,
  DescribeTasks: describeTasks,
  GetTaskProtection: getTaskProtection,
  ListAccountSettings: listAccountSettings,
  ListClusters: listClusters,
  ListServiceDeployments: listServiceDeployments,
  ListServices: listServices,
  ListServicesByNamespace: listServicesByNamespace,
  ListTagsForResource: listTagsForResource,
  ListTaskDefinitionFamilies: listTaskDefinitionFamilies,
  ListTaskDefinitions: listTaskDefinitions,
  ListTasks: listTasks,
  PutAccountSetting: putAccountSetting,
  PutAccountSettingDefault: putAccountSettingDefault,
  PutClusterCapacityProviders: putClusterCapacityProviders,
  RegisterTaskDefinition: registerTaskDefinition,
  RunTask: runTask,
  StartTask: startTask,
  StopServiceDeployment: stopServiceDeployment,
  StopTask: stopTask,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateCluster: updateCluster,
  UpdateClusterSettings: updateClusterSettings,
  UpdateService: updateService,
  UpdateServicePrimaryTaskSet: updateServicePrimaryTaskSet,
  UpdateTaskProtection: updateTaskProtection,
  UpdateTaskSet: updateTaskSet,
})
