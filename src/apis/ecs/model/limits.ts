// ECS's limits: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html and the API reference.

export const CONTAINERS_PER_TASK_DEFINITION = 10
/** Bytes of a task definition as JSON. */
export const TASK_DEFINITION_BYTES = 64 * 1024
/** Characters of a cluster's, family's, container's or volume's name. */
export const NAME_CHARACTERS = 255
/** Characters of an image; of one with a digest, those before the "@". */
export const IMAGE_CHARACTERS = 255
/** Docker's floor for a container. */
export const CONTAINER_MEMORY_LEAST_MIB = 6
export const PORT_RANGES_PER_CONTAINER = 100
export const ENVIRONMENT_FILES_PER_CONTAINER = 10
export const IGNORED_EXIT_CODES = 50
export const PLACEMENT_CONSTRAINTS_PER_TASK = 10

export const EPHEMERAL_STORAGE_DEFAULT_GIB = 20
export const EPHEMERAL_STORAGE_LEAST_GIB = 21
export const EPHEMERAL_STORAGE_MOST_GIB = 200

export const TIMEOUT_LEAST_SECONDS = 2
export const TIMEOUT_MOST_SECONDS = 120

export const TASKS_PER_RUN = 10
export const SUBNETS_PER_TASK = 16
export const SECURITY_GROUPS_PER_TASK = 5
/** Characters of all container overrides of one RunTask as JSON. */
export const OVERRIDES_CHARACTERS = 8192
export const STARTED_BY_CHARACTERS = 128
export const CLIENT_TOKEN_CHARACTERS = 64
/** AWS promises no length; a day is longer than any client retries. */
export const CLIENT_TOKEN_SECONDS = 24 * 3600
export const STOP_REASON_CHARACTERS = 1024
export const TASKS_PER_DESCRIBE = 100
export const CLUSTERS_PER_DESCRIBE = 100
export const DEFINITIONS_PER_DELETE = 10

export const TASKS_PER_SERVICE = 5000
export const SERVICES_PER_CLUSTER = 5000
export const TARGET_GROUPS_PER_SERVICE = 5
export const SERVICE_REGISTRIES_PER_SERVICE = 1
/** Characters of the client token of a service or a task set. */
export const SERVICE_TOKEN_CHARACTERS = 36
export const GRACE_PERIOD_MOST_SECONDS = 2_147_483_647
/** Of a strategy, a step or a canary: 24 hours. */
export const BAKE_TIME_MOST_MINUTES = 1440
/** 14 days. */
export const HOOK_TIMEOUT_MOST_MINUTES = 20_160
/** AWS names no limit; each stage can have several. */
export const LIFECYCLE_HOOKS = 50
export const LINEAR_PERCENT_LEAST = 3
export const CANARY_PERCENT_LEAST = 0.1
/** https://docs.aws.amazon.com/general/latest/gr/ecs-service.html has no such quota; CodeDeploy needs two. */
export const TASK_SETS_PER_SERVICE = 5
export const EXTERNAL_ID_CHARACTERS = 128
export const SERVICES_PER_PAGE = 10
export const DEPLOYMENTS_PER_PAGE = 20
export const DEPLOYMENTS_PER_DESCRIBE = 20
export const REVISIONS_PER_DESCRIBE = 20
export const PROTECTED_TASKS_PER_UPDATE = 10
export const PROTECTED_TASKS_PER_GET = 100
export const PROTECTION_DEFAULT_MINUTES = 120
/** 48 hours. */
export const PROTECTION_MOST_MINUTES = 2880
export const SERVICES_PER_DESCRIBE = 10
/** Of the events of one service, how many DescribeServices shows. */
export const EVENTS_SHOWN = 100

export const STRATEGY_ITEMS = 20
export const STRATEGY_WEIGHT_MOST = 1000
export const STRATEGY_BASE_MOST = 100_000

/** Rows of one answer, where the caller names no number, and at most. */
export const PAGE_ROWS = 100
/** Rows read at once while looking for a page of matching tasks. */
export const SCAN_ROWS = 500
