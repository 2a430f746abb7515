// Shows what the account has and may.

import type {
  AccountAttribute,
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
} from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { ADDRESSES_PER_REGION, SECURITY_GROUPS_PER_INTERFACE } from '../model/limits.ts'
import { defaultVpc } from '../tables.ts'

const attribute = (name: string, ...values: string[]): AccountAttribute => ({
  AttributeName: name,
  AttributeValues: values.map((AttributeValue) => ({ AttributeValue })),
})

export const describeAccountAttributes: Operation<
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult
> = async (input, call) => {
  const vpc = await call.store.read((reader) => defaultVpc(reader, call.scope))
  const attributes = [
    attribute('supported-platforms', 'VPC'),
    attribute('default-vpc', vpc?.id ?? 'none'),
    attribute('vpc-max-security-groups-per-interface', String(SECURITY_GROUPS_PER_INTERFACE)),
    attribute('max-instances', '0'),
    attribute('max-elastic-ips', String(ADDRESSES_PER_REGION)),
    attribute('vpc-max-elastic-ips', String(ADDRESSES_PER_REGION)),
  ]
  const wanted = input.AttributeNames as readonly string[] | undefined
  const isWanted = ({ AttributeName }: AccountAttribute): boolean =>
    wanted === undefined || wanted.length === 0 || wanted.includes(AttributeName ?? '')
  return { AccountAttributes: attributes.filter(isWanted) }
}
