// How much of everything EC2 accepts, with AWS's default quotas
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).

/** An address is not given to another interface within this time. */
export const ADDRESS_REST_SECONDS = 60
