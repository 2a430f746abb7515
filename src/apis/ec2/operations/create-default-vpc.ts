// Makes the default VPC again, after it was deleted.

import type { CreateDefaultVpcRequest, CreateDefaultVpcResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { putDefaultVpc } from '../default-vpc.ts'
import { ec2Error } from '../errors.ts'
import { describeVpc } from '../model/vpc.ts'
import { defaultVpc } from '../tables.ts'

export const createDefaultVpc: Operation<CreateDefaultVpcRequest, CreateDefaultVpcResult> = async (_input, call) => {
  const { scope, random } = call
  const vpc = await call.store.write(async (tx) => {
    if ((await defaultVpc(tx, scope)) !== undefined) {
      throw ec2Error('DefaultVpcAlreadyExists', 'A Default VPC already exists for this account in this region.')
    }
    return putDefaultVpc(tx, scope, random)
  })
  return { Vpc: { ...describeVpc(vpc), State: 'pending' } }
}
