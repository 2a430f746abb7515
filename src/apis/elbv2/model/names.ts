// Names: what a load balancer or target group may be called, and under which DNS name a load balancer is found.

import { dnsSuffix, type Scope } from '#aws/scope.ts'
import type { Random } from '#base/random.ts'
import { validationError } from '../errors.ts'
import type { LoadBalancerScheme, LoadBalancerType } from './load-balancer.ts'

const NAME_CHARACTERS = 32

const checkName = (subject: string, name: string): void => {
  if (name.length > NAME_CHARACTERS) {
    throw validationError(`${subject} '${name}' cannot be longer than '${NAME_CHARACTERS}' characters`)
  }
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validationError(
      `${subject} '${name}' can only contain characters that are alphanumeric characters or hyphens(-)`,
    )
  }
  if (/^-|-$/.test(name)) throw validationError(`${subject} '${name}' cannot begin or end with '-'`)
}

export const checkLoadBalancerName = (name: string): void => {
  checkName('Load balancer name', name)
  if (name.startsWith('internal-')) throw validationError(`Load balancer name '${name}' cannot begin with 'internal-'`)
}

export const checkTargetGroupName = (name: string): void => checkName('Target group name', name)

/**
 * "web-1234567890.eu-west-1.elb.amazonaws.com" for an application load balancer, "internal-web-…" for an internal one;
 * "web-0123456789abcdef.elb.eu-west-1.amazonaws.com", with its id, for a network load balancer.
 */
export const newDnsName = (
  scope: Scope,
  of: {
    readonly name: string
    readonly id: string
    readonly type: LoadBalancerType
    readonly scheme: LoadBalancerScheme
  },
  random: Random,
): string => {
  if (of.type === 'network') return `${of.name}-${of.id}.elb.${scope.region}.${dnsSuffix(scope)}`
  const prefix = of.scheme === 'internal' ? 'internal-' : ''
  return `${prefix}${of.name}-${random.digits(10)}.${scope.region}.elb.${dnsSuffix(scope)}`
}

/** The Route 53 zones of load balancers' names. (https://docs.aws.amazon.com/general/latest/gr/elb.html) */
const ZONES: Readonly<Record<string, readonly [application: string, network: string]>> = {
  'af-south-1': ['Z268VQBMOI5EKX', 'Z203XCE67M25HM'],
  'ap-east-1': ['Z3DQVH9N71FHZ0', 'Z12Y7K3UBGUAD1'],
  'ap-northeast-1': ['Z14GRHDCWA56QT', 'Z31USIVHYNEOWT'],
  'ap-northeast-2': ['ZWKZPGTI48KDX', 'ZIBE1TIR4HY56'],
  'ap-northeast-3': ['Z5LXEXXYW11ES', 'Z1GWIQ4HH19I5X'],
  'ap-south-1': ['ZP97RAFLXTNZK', 'ZVDDRBQ08TROA'],
  'ap-southeast-1': ['Z1LMS91P8CMLE5', 'ZKVM4W9LS7TM'],
  'ap-southeast-2': ['Z1GM3OXH4ZPM65', 'ZCT6FZBF4DROD'],
  'ca-central-1': ['ZQSVJUPU6J1EY', 'Z2EPGBW3API2WT'],
  'cn-north-1': ['Z1GDH35T77C1KE', 'Z3QFB96KMJ7ED6'],
  'cn-northwest-1': ['ZM7IZAIOVVDZF', 'ZQEIKTCZ8352D'],
  'eu-central-1': ['Z215JYRZR1TBD5', 'Z3F0SRJ5LGBH90'],
  'eu-north-1': ['Z23TAZ6LKFMNIO', 'Z1UDT6IFJ4EJM'],
  'eu-south-1': ['Z3ULH7SSC9OV64', 'Z23146JA1KNAFP'],
  'eu-west-1': ['Z32O12XQLNTSW2', 'Z2IFOLAFXWLO4F'],
  'eu-west-2': ['ZHURV8PSTC4K8', 'ZD4D7Y8KGAS4G'],
  'eu-west-3': ['Z3Q77PNBQS71R4', 'Z1CMS0P5QUZ6D5'],
  'me-south-1': ['ZS929ML54UICD', 'Z3QSRYVP46NYYV'],
  'sa-east-1': ['Z2P70J7HTTTPLU', 'ZTK26PT1VY4CU'],
  'us-east-1': ['Z35SXDOTRQ7X7K', 'Z26RNL4JYFTOTI'],
  'us-east-2': ['Z3AADJGX6KTTL2', 'ZLMOA37VPKANP'],
  'us-gov-east-1': ['Z166TLBEWOO7G0', 'Z1ZSMQQ6Q24QQ8'],
  'us-gov-west-1': ['Z33AYJ8TM3BH4J', 'ZMG1MZ2THAWF1'],
  'us-west-1': ['Z368ELLRRE2KJ0', 'Z24FKFUX50B4VW'],
  'us-west-2': ['Z1H1FL5HABSF5', 'Z18D5FSROUN65G'],
}

/** For a region that AWS does not have, or whose zone is not known here, an id that only looks like one. */
export const hostedZoneId = (region: string, type: LoadBalancerType): string => {
  const zone = ZONES[region]?.[type === 'application' ? 0 : 1]
  return zone ?? `Z${region.replaceAll('-', '').toUpperCase()}${type === 'application' ? 'ALB' : 'NLB'}`
}
