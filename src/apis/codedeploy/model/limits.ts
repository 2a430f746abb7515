// CodeDeploy's quotas, and how much is answered at a time.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html

export const APPLICATIONS_PER_REGION = 1000
export const DEPLOYMENT_GROUPS_PER_APPLICATION = 1000
export const DEPLOYMENT_CONFIGS_PER_ACCOUNT = 50
export const ALARMS_PER_GROUP = 10
export const ALARM_NAME_CHARACTERS = 255
export const TAGS_PER_RESOURCE = 50
/** Of BatchGetApplications and BatchGetDeploymentGroups. */
export const BATCH_NAMES = 100
/** Of BatchGetDeployments and BatchGetDeploymentTargets. */
export const BATCH_DEPLOYMENTS = 25
export const PAGE_ROWS = 100
/** AWS: two days between the first and the last shift of traffic. */
export const TRAFFIC_SHIFT_MINUTES = 2880
export const READY_WAIT_MINUTES = 2880
export const TERMINATION_WAIT_MINUTES = 2880
/** Of one AppSpec file; a listing that a person can read is much smaller. */
export const APP_SPEC_CHARACTERS = 256 * 1024
/** How deep maps and lists of an AppSpec file may nest. */
export const APP_SPEC_DEPTH = 32
/** Scalars, lists and maps of one AppSpec file, its aliases counted as what they stand for. */
export const APP_SPEC_VALUES = 10_000
/** AWS keeps them longer; the oldest finished ones of a group are forgotten. */
export const DEPLOYMENTS_KEPT_PER_GROUP = 100
/** The last revisions of an application. */
export const REVISIONS_KEPT_PER_APPLICATION = 100
