// Joins what the controllers say of VPCs and tasks to the edge process, which knows only sockets and documents.

import type { VpcServices } from '#controllers/network-interface/vpc-services.ts'
import type { MetadataSink } from '#controllers/metadata/sink.ts'
import type { EdgeClient } from '#dataplane/edge/edge-client.ts'
import { API_ADDRESS, METADATA_ADDRESS, RESOLVER_ADDRESS } from '#network/addresses.ts'
import { namespacePath } from '#network/linux/names.ts'

export const vpcServicesOf = (edge: EdgeClient, runDir: string, apiPort: number): VpcServices => ({
  setVpc: (plan) =>
    edge.setVpc({
      id: plan.id,
      namespacePath: namespacePath(runDir, plan.id),
      region: plan.region,
      cidrs: plan.cidrs,
      metadataAddress: METADATA_ADDRESS,
      resolverAddresses: [plan.dnsAddress, RESOLVER_ADDRESS],
      apiAddress: API_ADDRESS,
      apiPort,
      dns: plan.enableDnsSupport,
      privateZones: [],
      records: plan.records,
      endpoints: plan.endpoints.map(({ interfaceId, address }) => ({
        namespacePath: namespacePath(runDir, interfaceId),
        address,
      })),
    }),
  removeVpc: (id) => edge.removeVpc(id),
})

export const metadataSinkOf = (edge: EdgeClient): MetadataSink => ({
  set: ({ vpcId, privateIp }, metadata) => edge.setInterface({ vpcId, privateIp, metadata }),
  remove: ({ vpcId, privateIp }) => edge.removeInterface(vpcId, privateIp),
})
