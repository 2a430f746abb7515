// Where a load balancer's access log goes, and what of it is news. Pure.

import { type LoadBalancerRecord, loadBalancerPath } from '#apis/elbv2/model/load-balancer.ts'
import { loadBalancerAttributes } from '#apis/elbv2/model/load-balancer-attributes.ts'
import { timeText } from '#aws/time.ts'
import { PERIOD_SECONDS } from './limits.ts'

const NAME_BYTES = 255

/** As AWS names their attributes. */
export type LogKind = 'access_logs' | 'connection_logs'

/** How the names of their files begin. */
const FILE_STARTS: Readonly<Record<LogKind, string>> = { access_logs: '', connection_logs: 'conn_log.' }

export interface Destination {
  readonly kind: LogKind
  readonly bucket: string
  readonly prefix: string
}

/** Where each log goes that the load balancer is to keep. Only application load balancers have connection logs. */
export const destinationsOf = (balancer: LoadBalancerRecord): Destination[] => {
  const { state } = balancer.status
  const serves = state === 'active' || state === 'active_impaired'
  if (balancer.spec.deleteRequested || !serves) return []
  const attributes = loadBalancerAttributes(balancer)
  return (['access_logs', 'connection_logs'] as const).flatMap((kind) => {
    const bucket = attributes.get(`${kind}.s3.bucket`) ?? ''
    if (attributes.get(`${kind}.s3.enabled`) !== 'true' || bucket === '') return []
    return [{ kind, bucket, prefix: attributes.get(`${kind}.s3.prefix`) ?? '' }]
  })
}

/** Keys of S3 are any text, names of folders are not. */
const folders = (prefix: string): string[] =>
  prefix
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => part.replaceAll('\0', '').slice(0, NAME_BYTES))

/** Below the folder of all buckets. `end`: seconds since 1970. */
export const publishedPath = (
  balancer: LoadBalancerRecord,
  { kind, bucket, prefix }: Destination,
  end: number,
  random: string,
): string => {
  const { account, region } = balancer.scope
  const [day = '', clock = ''] = timeText(end * 1000).split('T')
  const [year = '', month = '', date = ''] = day.split('-')
  const at = `${year}${month}${date}T${clock.slice(0, 5).replace(':', '')}Z`
  const [first] = balancer.status.addresses
  const address = first?.publicIp ?? first?.privateIp ?? '0.0.0.0'
  const resource = loadBalancerPath(balancer).replaceAll('/', '.')
  // A network load balancer's tells no address.
  const where = balancer.type === 'network' ? '' : `${address}_`
  const name = `${FILE_STARTS[kind]}${account}_elasticloadbalancing_${region}_${resource}_${at}_${where}${random}.log.gz`
  const place = ['AWSLogs', account, 'elasticloadbalancing', region, year, month, date]
  return [bucket, ...folders(prefix), ...place, name].join('/')
}

/** When the period ends that this second is in; both seconds since 1970. */
export const periodEnd = (second: number): number => second - (second % PERIOD_SECONDS) + PERIOD_SECONDS
