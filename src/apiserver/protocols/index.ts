// The protocols by their names in the models.

import type { ProtocolName } from '../model.ts'
import { awsJson10, awsJson11 } from './aws-json.ts'
import { awsQuery } from './aws-query.ts'
import { ec2Query } from './ec2-query.ts'
import type { Protocol } from './protocol.ts'
import { restJson1 } from './rest-json.ts'
import { restXml } from './rest-xml.ts'
import { rpcV2Cbor } from './rpc-v2-cbor.ts'

export type { Protocol } from './protocol.ts'

const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  awsJson1_0: awsJson10,
  awsJson1_1: awsJson11,
  awsQuery,
  ec2Query,
  restJson1,
  restXml,
  rpcv2Cbor: rpcV2Cbor,
}

export const protocolNamed = (name: ProtocolName): Protocol => PROTOCOLS[name]
