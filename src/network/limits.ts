// What a plan may hold. AWS's quotas are checked by the API; these keep a mistake from reaching the kernel.

/** AWS allows 16 after a quota increase. */
export const GROUPS_PER_INTERFACE = 16
/** AWS allows 1,000 rules per interface over all its groups. */
export const RULES_PER_GROUP = 1000
/** AWS's largest prefix list. */
export const CIDRS_PER_RULE = 1000
export const GROUPS_PER_VPC = 2500
/** One address or many: as of AWS's largest machines. */
export const ADDRESSES_PER_INTERFACE = 50
export const SUBNETS_PER_VPC = 200
/** AWS allows 5, and 50 on request. */
export const CIDRS_PER_VPC = 50
/** AWS ids are at most 21 characters ("eni-" and 17 digits). */
export const ID_CHARACTERS = 40
/** AWS allows 5 per zone. */
export const NAT_GATEWAYS_PER_VPC = 100
/** No limit of AWS's; each costs the router a routing table. */
export const FORWARDERS_PER_VPC = 100
/** AWS allows 50 and, on request, 1,000 in a route table; a prefix list counts with all its blocks. */
export const ROUTES_PER_SUBNET = 1000
/** AWS allows 20, and 40 on request, in each direction; of each family once more. */
export const ENTRIES_PER_ACL = 160
/** Flows of one verdict and family that are counted in a VPC in one span; the packets of further ones are not. */
export const FLOWS_PER_SPAN = 16_384
/** Interfaces that are remembered as not having been counted in full, for each family. */
export const INCOMPLETE_PER_SPAN = 4096
/** Blocks that flow logs of one VPC may name; a subnet or interface adds one or two. */
export const LOGGED_BLOCKS_PER_VPC = 2000
