// The quotas of Elastic Load Balancing, AWS's defaults, and the limits of single calls.
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html)

export const APPLICATION_LOAD_BALANCERS = 50
export const NETWORK_LOAD_BALANCERS = 50
export const TARGET_GROUPS = 3000
export const LISTENERS_PER_LOAD_BALANCER = 50
/** Without the default ones. */
export const RULES_PER_LOAD_BALANCER = 100
/** Without the default ones. */
export const CERTIFICATES_PER_LOAD_BALANCER = 25
export const TARGETS_PER_TARGET_GROUP = 1000
export const TARGET_GROUPS_PER_APPLICATION_LOAD_BALANCER = 100
export const TARGET_GROUPS_PER_FORWARD = 5
export const CONDITION_VALUES_PER_RULE = 5
export const CONDITION_WILDCARDS_PER_RULE = 6
export const TAGS_PER_RESOURCE = 50

/** PageSize's most, and how many are shown without one. */
export const PAGE_SIZE_MOST = 400
/** In DescribeTags, AddTags and RemoveTags. */
export const RESOURCES_PER_TAG_CALL = 20

/** As DescribeAccountLimits names them. */
export const ACCOUNT_LIMITS: readonly { readonly Name: string; readonly Max: string }[] = [
  { Name: 'application-load-balancers', Max: String(APPLICATION_LOAD_BALANCERS) },
  { Name: 'listeners-per-application-load-balancer', Max: String(LISTENERS_PER_LOAD_BALANCER) },
  { Name: 'listeners-per-network-load-balancer', Max: String(LISTENERS_PER_LOAD_BALANCER) },
  { Name: 'network-load-balancers', Max: String(NETWORK_LOAD_BALANCERS) },
  { Name: 'rules-per-application-load-balancer', Max: String(RULES_PER_LOAD_BALANCER) },
  { Name: 'target-groups', Max: String(TARGET_GROUPS) },
  { Name: 'target-groups-per-action-on-application-load-balancer', Max: String(TARGET_GROUPS_PER_FORWARD) },
  { Name: 'target-groups-per-action-on-network-load-balancer', Max: '1' },
  { Name: 'target-groups-per-application-load-balancer', Max: String(TARGET_GROUPS_PER_APPLICATION_LOAD_BALANCER) },
  { Name: 'targets-per-application-load-balancer', Max: String(TARGETS_PER_TARGET_GROUP) },
  { Name: 'targets-per-availability-zone-per-network-load-balancer', Max: '500' },
  { Name: 'targets-per-network-load-balancer', Max: '3000' },
  { Name: 'condition-values-per-alb-rule', Max: String(CONDITION_VALUES_PER_RULE) },
  { Name: 'condition-wildcards-per-alb-rule', Max: String(CONDITION_WILDCARDS_PER_RULE) },
]

/** Below that a load balancer could not grow: AWS refuses the subnet. */
export const FREE_ADDRESSES_NEEDED = 8
export const SECURITY_GROUPS_PER_LOAD_BALANCER = 5
