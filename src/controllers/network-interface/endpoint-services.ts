// What the endpoints of a VPC add to its services: names, and the addresses where the API answers. Pure.

import type { NetworkInterfaceRecord, VpcEndpointRecord } from '#apis/ec2/model/records.ts'
import { endpointNames } from '#apis/ec2/model/vpc-endpoint.ts'
import type { VpcServicesPlan } from './vpc-services.ts'

const isThere = ({ spec, status }: NetworkInterfaceRecord): boolean =>
  status.state === 'attached' && spec.isAddressOnly !== true && !spec.deleteRequested

/** A name leads to those interfaces only where something answers by now. */
export const endpointServices = (
  endpoints: readonly VpcEndpointRecord[],
  interfaces: readonly NetworkInterfaceRecord[],
): Pick<VpcServicesPlan, 'records' | 'endpoints'> => {
  const there = interfaces.filter(isThere)
  const names = endpoints.flatMap((row) => endpointNames(row, there)).filter(({ addresses }) => addresses.length > 0)
  const ids = new Set(endpoints.flatMap(({ networkInterfaceIds }) => networkInterfaceIds))
  return {
    records: Object.fromEntries(names.map(({ name, addresses }) => [name.toLowerCase(), addresses])),
    endpoints: there
      .filter(({ id }) => ids.has(id))
      .map(({ id, spec }) => ({ interfaceId: id, address: spec.privateIp })),
  }
}
