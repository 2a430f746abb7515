// How much of everything IAM accepts, with AWS's default quotas
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).

export const ROLES_PER_ACCOUNT = 1000
export const POLICIES_PER_ACCOUNT = 1500
export const ATTACHED_POLICIES_PER_ROLE = 10
export const TAGS_PER_ROLE = 50
export const VERSIONS_PER_POLICY = 5

/** Characters without white space. */
export const MANAGED_POLICY_CHARACTERS = 6144
export const TRUST_POLICY_CHARACTERS = 2048
/** Of all inline policies of a role together. */
export const INLINE_POLICIES_CHARACTERS = 10_240

export const DEFAULT_PAGE = 100
export const LARGEST_PAGE = 1000

export const SHORTEST_SESSION_SECONDS = 3600
export const LONGEST_SESSION_SECONDS = 43_200
