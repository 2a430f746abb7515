// EC2's door: the operations that a task's network needs.

import type * as sdk from '@aws-sdk/client-ec2'
import { api } from '#aws/operation.ts'
import { withDryRun } from './dry-run.ts'
import { allocateAddress } from './operations/allocate-address.ts'
import { assignIpv6Addresses } from './operations/assign-ipv6-addresses.ts'
import { assignPrivateIpAddresses } from './operations/assign-private-ip-addresses.ts'
import { associateAddress } from './operations/associate-address.ts'
import { associateDhcpOptions } from './operations/associate-dhcp-options.ts'
import { associateRouteTable } from './operations/associate-route-table.ts'
import { associateSubnetCidrBlock } from './operations/associate-subnet-cidr-block.ts'
import { associateVpcCidrBlock } from './operations/associate-vpc-cidr-block.ts'
import { attachInternetGateway } from './operations/attach-internet-gateway.ts'
import { attachNetworkInterface } from './operations/attach-network-interface.ts'
import { authorizeSecurityGroupEgress } from './operations/authorize-security-group-egress.ts'
import { authorizeSecurityGroupIngress } from './operations/authorize-security-group-ingress.ts'
import { createDefaultSubnet } from './operations/create-default-subnet.ts'
import { createDefaultVpc } from './operations/create-default-vpc.ts'
import { createDhcpOptions } from './operations/create-dhcp-options.ts'
import { createEgressOnlyInternetGateway } from './operations/create-egress-only-internet-gateway.ts'
import { createFlowLogs } from './operations/create-flow-logs.ts'
import { createInternetGateway } from './operations/create-internet-gateway.ts'
import { createManagedPrefixList } from './operations/create-managed-prefix-list.ts'
import { createNatGateway } from './operations/create-nat-gateway.ts'
import { createNetworkAcl } from './operations/create-network-acl.ts'
import { createNetworkAclEntry } from './operations/create-network-acl-entry.ts'
import { createNetworkInterface } from './operations/create-network-interface.ts'
import { createRoute } from './operations/create-route.ts'
import { createRouteTable } from './operations/create-route-table.ts'
import { createSecurityGroup } from './operations/create-security-group.ts'
import { createSubnet } from './operations/create-subnet.ts'
import { createTags } from './operations/create-tags.ts'
import { createVpc } from './operations/create-vpc.ts'
import { createVpcEndpoint } from './operations/create-vpc-endpoint.ts'
import { deleteDhcpOptions } from './operations/delete-dhcp-options.ts'
import { deleteEgressOnlyInternetGateway } from './operations/delete-egress-only-internet-gateway.ts'
import { deleteFlowLogs } from './operations/delete-flow-logs.ts'
import { deleteInternetGateway } from './operations/delete-internet-gateway.ts'
import { deleteManagedPrefixList } from './operations/delete-managed-prefix-list.ts'
import { deleteNatGateway } from './operations/delete-nat-gateway.ts'
import { deleteNetworkAcl } from './operations/delete-network-acl.ts'
import { deleteNetworkAclEntry } from './operations/delete-network-acl-entry.ts'
import { deleteNetworkInterface } from './operations/delete-network-interface.ts'
import { deleteRoute } from './operations/delete-route.ts'
import { deleteRouteTable } from './operations/delete-route-table.ts'
import { deleteSecurityGroup } from './operations/delete-security-group.ts'
import { deleteSubnet } from './operations/delete-subnet.ts'
import { deleteTags } from './operations/delete-tags.ts'
import { deleteVpc } from './operations/delete-vpc.ts'
import { deleteVpcEndpoints } from './operations/delete-vpc-endpoints.ts'
import { describeAccountAttributes } from './operations/describe-account-attributes.ts'
import { describeAddresses } from './operations/describe-addresses.ts'
import { describeAddressesAttribute } from './operations/describe-addresses-attribute.ts'
import { describeAvailabilityZones } from './operations/describe-availability-zones.ts'
import { describeDhcpOptions } from './operations/describe-dhcp-options.ts'
import { describeEgressOnlyInternetGateways } from './operations/describe-egress-only-internet-gateways.ts'
import { describeFlowLogs } from './operations/describe-flow-logs.ts'
import { describeInternetGateways } from './operations/describe-internet-gateways.ts'
import { describeManagedPrefixLists } from './operations/describe-managed-prefix-lists.ts'
import { describeNatGateways } from './operations/describe-nat-gateways.ts'
import { describeNetworkAcls } from './operations/describe-network-acls.ts'
import { describeNetworkInterfaceAttribute } from './operations/describe-network-interface-attribute.ts'
import { describeNetworkInterfaces } from './operations/describe-network-interfaces.ts'
import { describePrefixLists } from './operations/describe-prefix-lists.ts'
import { describeRegions } from './operations/describe-regions.ts'
import { describeRouteTables } from './operations/describe-route-tables.ts'
import { describeSecurityGroupReferences } from './operations/describe-security-group-references.ts'
import { describeSecurityGroupRules } from './operations/describe-security-group-rules.ts'
import { describeSecurityGroups } from './operations/describe-security-groups.ts'
import { describeStaleSecurityGroups } from './operations/describe-stale-security-groups.ts'
import { describeSubnets } from './operations/describe-subnets.ts'
import { describeTags } from './operations/describe-tags.ts'
import { describeVpcAttribute } from './operations/describe-vpc-attribute.ts'
import { describeVpcEndpointServices } from './operations/describe-vpc-endpoint-services.ts'
import { describeVpcEndpoints } from './operations/describe-vpc-endpoints.ts'
import { describeVpcs } from './operations/describe-vpcs.ts'
import { detachInternetGateway } from './operations/detach-internet-gateway.ts'
import { detachNetworkInterface } from './operations/detach-network-interface.ts'
import { disableVgwRoutePropagation } from './operations/disable-vgw-route-propagation.ts'
import { disassociateAddress } from './operations/disassociate-address.ts'
import { disassociateRouteTable } from './operations/disassociate-route-table.ts'
import { disassociateSubnetCidrBlock } from './operations/disassociate-subnet-cidr-block.ts'
import { disassociateVpcCidrBlock } from './operations/disassociate-vpc-cidr-block.ts'
import { enableVgwRoutePropagation } from './operations/enable-vgw-route-propagation.ts'
import { getManagedPrefixListAssociations } from './operations/get-managed-prefix-list-associations.ts'
import { getManagedPrefixListEntries } from './operations/get-managed-prefix-list-entries.ts'
import { getSecurityGroupsForVpc } from './operations/get-security-groups-for-vpc.ts'
import { modifyManagedPrefixList } from './operations/modify-managed-prefix-list.ts'
import { modifyNetworkInterfaceAttribute } from './operations/modify-network-interface-attribute.ts'
import { modifySecurityGroupRules } from './operations/modify-security-group-rules.ts'
import { modifySubnetAttribute } from './operations/modify-subnet-attribute.ts'
import { modifyVpcAttribute } from './operations/modify-vpc-attribute.ts'
import { modifyVpcEndpoint } from './operations/modify-vpc-endpoint.ts'
import { releaseAddress } from './operations/release-address.ts'
import { replaceNetworkAclAssociation } from './operations/replace-network-acl-association.ts'
import { replaceNetworkAclEntry } from './operations/replace-network-acl-entry.ts'
import { replaceRoute } from './operations/replace-route.ts'
import { replaceRouteTableAssociation } from './operations/replace-route-table-association.ts'
import { resetNetworkInterfaceAttribute } from './operations/reset-network-interface-attribute.ts'
import { restoreManagedPrefixListVersion } from './operations/restore-managed-prefix-list-version.ts'
import { revokeSecurityGroupEgress } from './operations/revoke-security-group-egress.ts'
import { revokeSecurityGroupIngress } from './operations/revoke-security-group-ingress.ts'
import { unassignIpv6Addresses } from './operations/unassign-ipv6-addresses.ts'
import { unassignPrivateIpAddresses } from './operations/unassign-private-ip-addresses.ts'
import { updateSecurityGroupRuleDescriptionsEgress } from './operations/update-security-group-rule-descriptions-egress.ts'
import { updateSecurityGroupRuleDescriptionsIngress } from './operations/update-security-group-rule-descriptions-ingress.ts'

export const ec2 = api<typeof sdk>(
  'ec2',
  withDryRun({
    AllocateAddress: allocateAddress,
    AssignIpv6Addresses: assignIpv6Addresses,
    AssignPrivateIpAddresses: assignPrivateIpAddresses,
    AssociateAddress: associateAddress,
    AssociateDhcpOptions: associateDhcpOptions,
    AssociateRouteTable: associateRouteTable,
    AssociateSubnetCidrBlock: associateSubnetCidrBlock,
    AssociateVpcCidrBlock: associateVpcCidrBlock,
    AttachInternetGateway: attachInternetGateway,
    AttachNetworkInterface: attachNetworkInterface,
    AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
    AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
    CreateDefaultSubnet: createDefaultSubnet,
    CreateDefaultVpc: createDefaultVpc,
    CreateDhcpOptions: createDhcpOptions,
    CreateEgressOnlyInternetGateway: createEgressOnlyInternetGateway,
    CreateFlowLogs: createFlowLogs,
    CreateInternetGateway: createInternetGateway,
    CreateManagedPrefixList: createManagedPrefixList,
    CreateNatGateway: createNatGateway,
    CreateNetworkAcl: createNetworkAcl,
    CreateNetworkAclEntry: createNetworkAclEntry,
    CreateNetworkInterface: createNetworkInterface,
    CreateRoute: createRoute,
    CreateRouteTable: createRouteTable,
    CreateSecurityGroup: createSecurityGroup,
    CreateSubnet: createSubnet,
    CreateTags: createTags,
    CreateVpc: createVpc,
    CreateVpcEndpoint: createVpcEndpoint,
    DeleteDhcpOptions: deleteDhcpOptions,
    DeleteEgressOnlyInternetGateway: deleteEgressOnlyInternetGateway,
    DeleteFlowLogs: deleteFlowLogs,
    DeleteInternetGateway: deleteInternetGateway,
    DeleteManagedPrefixList: deleteManagedPrefixList,
    DeleteNatGateway: deleteNatGateway,
    DeleteNetworkAcl: deleteNetworkAcl,
    DeleteNetworkAclEntry: deleteNetworkAclEntry,
    DeleteNetworkInterface: deleteNetworkInterface,
    DeleteRoute: deleteRoute,
    DeleteRouteTable: deleteRouteTable,
    DeleteSecurityGroup: deleteSecurityGroup,
    DeleteSubnet: deleteSubnet,
    DeleteTags: deleteTags,
    DeleteVpc: deleteVpc,
    DeleteVpcEndpoints: deleteVpcEndpoints,
    DescribeAccountAttributes: describeAccountAttributes,
    DescribeAddresses: describeAddresses,
    DescribeAddressesAttribute: describeAddressesAttribute,
    DescribeAvailabilityZones: describeAvailabilityZones,
    DescribeDhcpOptions: describeDhcpOptions,
    DescribeEgressOnlyInternetGateways: describeEgressOnlyInternetGateways,
    DescribeFlowLogs: describeFlowLogs,
    DescribeInternetGateways: describeInternetGateways,
    DescribeManagedPrefixLists: describeManagedPrefixLists,
    DescribeNatGateways: describeNatGateways,
    DescribeNetworkAcls: describeNetworkAcls,
    DescribeNetworkInterfaceAttribute: describeNetworkInterfaceAttribute,
    DescribeNetworkInterfaces: describeNetworkInterfaces,
    DescribePrefixLists: describePrefixLists,
    DescribeRegions: describeRegions,
    DescribeRouteTables: describeRouteTables,
    DescribeSecurityGroupReferences: describeSecurityGroupReferences,
    DescribeSecurityGroupRules: describeSecurityGroupRules,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeStaleSecurityGroups: describeStaleSecurityGroups,
    DescribeSubnets: describeSubnets,
    DescribeTags: describeTags,
    DescribeVpcAttribute: describeVpcAttribute,
    DescribeVpcEndpointServices: describeVpcEndpointServices,
    DescribeVpcEndpoints: describeVpcEndpoints,
    DescribeVpcs: describeVpcs,
    DetachInternetGateway: detachInternetGateway,
    DetachNetworkInterface: detachNetworkInterface,
    DisableVgwRoutePropagation: disableVgwRoutePropagation,
    DisassociateAddress: disassociateAddress,
    DisassociateRouteTable: disassociateRouteTable,
    DisassociateSubnetCidrBlock: disassociateSubnetCidrBlock,
    DisassociateVpcCidrBlock: disassociateVpcCidrBlock,
    EnableVgwRoutePropagation: enableVgwRoutePropagation,
    GetManagedPrefixListAssociations: getManagedPrefixListAssociations,
    GetManagedPrefixListEntries: getManagedPrefixListEntries,
    GetSecurityGroupsForVpc: getSecurityGroupsForVpc,
    ModifyManagedPrefixList: modifyManagedPrefixList,
    ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
    ModifySecurityGroupRules: modifySecurityGroupRules,
    ModifySubnetAttribute: modifySubnetAttribute,
    ModifyVpcAttribute: modifyVpcAttribute,
    ModifyVpcEndpoint: modifyVpcEndpoint,
    ReleaseAddress: releaseAddress,
    ReplaceNetworkAclAssociation: replaceNetworkAclAssociation,
    ReplaceNetworkAclEntry: replaceNetworkAclEntry,
    ReplaceRoute: replaceRoute,
    ReplaceRouteTableAssociation: replaceRouteTableAssociation,
    ResetNetworkInterfaceAttribute: resetNetworkInterfaceAttribute,
    RestoreManagedPrefixListVersion: restoreManagedPrefixListVersion,
    RevokeSecurityGroupEgress: revokeSecurityGroupEgress,
    RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
    UnassignIpv6Addresses: unassignIpv6Addresses,
    UnassignPrivateIpAddresses: unassignPrivateIpAddresses,
    UpdateSecurityGroupRuleDescriptionsEgress: updateSecurityGroupRuleDescriptionsEgress,
    UpdateSecurityGroupRuleDescriptionsIngress: updateSecurityGroupRuleDescriptionsIngress,
  }),
)
