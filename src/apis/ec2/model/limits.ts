// How much of everything EC2 accepts, with AWS's default quotas
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).

/** An address is not given to another interface within this time. */
export const ADDRESS_REST_SECONDS = 60

/** AWS starts with 5 and raises it on request; nobody is there to ask. */
export const VPCS_PER_REGION = 100
export const SUBNETS_PER_VPC = 200
export const SECURITY_GROUPS_PER_REGION = 2500
/** In each direction. */
export const RULES_PER_GROUP = 60
export const ROUTE_TABLES_PER_VPC = 200
export const ROUTES_PER_TABLE = 50
export const INTERNET_GATEWAYS_PER_REGION = 100
export const NETWORK_ACLS_PER_VPC = 200
/** In each direction. */
export const ENTRIES_PER_NETWORK_ACL = 20
export const DHCP_OPTIONS_PER_REGION = 50
/** Name and time servers. */
export const SERVERS_PER_DHCP_OPTION = 4
export const PREFIX_LISTS_PER_REGION = 100
export const ENTRIES_PER_PREFIX_LIST = 1000
export const ENTRIES_PER_PREFIX_LIST_CALL = 100
/** Earlier ones that can be restored; AWS keeps a thousand. */
export const VERSIONS_PER_PREFIX_LIST = 20
export const PREFIX_LIST_NAME_CHARACTERS = 255
export const FLOW_LOGS_PER_RESOURCE = 2
export const RESOURCES_PER_FLOW_LOG_CALL = 1000
/** Of both types. */
export const ENDPOINTS_PER_VPC = 50
export const ENDPOINT_POLICY_CHARACTERS = 20480
/** IPv4, and as many again of IPv6. */
export const BLOCKS_PER_VPC = 5
/** Elastic IPs. AWS starts with 5 and raises it on request; nobody is there to ask. */
export const ADDRESSES_PER_REGION = 100
/** AWS starts with 5 in each zone. */
export const NAT_GATEWAYS_PER_ZONE = 100
export const EGRESS_ONLY_INTERNET_GATEWAYS_PER_REGION = 100
/** AWS shows a NAT gateway that was deleted, or that failed, for about an hour. */
export const GONE_NAT_GATEWAY_SHOWN_SECONDS = 3600
export const SECURITY_GROUPS_PER_INTERFACE = 5
export const INTERFACES_PER_REGION = 5000
/** One address or many: as of AWS's largest machines. */
export const PRIVATE_ADDRESSES_PER_INTERFACE = 50

export const TAGS_PER_RESOURCE = 50
export const TAG_KEY_CHARACTERS = 128
export const TAG_VALUE_CHARACTERS = 256
/** In one CreateTags or DeleteTags call. */
export const RESOURCES_PER_TAG_CALL = 1000

export const GROUP_NAME_CHARACTERS = 255

/** Items on a page of a Describe call. */
export const SMALLEST_PAGE = 5
export const LARGEST_PAGE = 1000

/** Prefix lengths of VPCs and subnets. */
export const LARGEST_BLOCK_PREFIX = 16
export const SMALLEST_BLOCK_PREFIX = 28
/** Of IPv6 blocks of subnets, in steps of four. */
export const LARGEST_IPV6_SUBNET_PREFIX = 44
export const SMALLEST_IPV6_SUBNET_PREFIX = 64
