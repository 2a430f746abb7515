// How EC2 shows a network interface. Those of ECS tasks belong to AWS: requester-managed, and attached to a machine
// that is not in the caller's account.

import type { NetworkInterface, NetworkInterfaceAssociation } from '@aws-sdk/client-ec2'
import type { Scope } from '#aws/scope.ts'
import { recordedTime } from '#aws/time.ts'
import { privateDnsName, publicDnsName } from './interface-plan.ts'
import type { NetworkInterfaceRecord, SecurityGroupRecord } from './records.ts'
import { NETWORK_INTERFACE } from './resource-kind.ts'
import type { Selectable } from './selection.ts'
import { zoneId } from './zone.ts'

/** The account in which AWS runs Fargate's machines, as a task's interface names it. */
const FARGATE_ACCOUNT = '578734482556'

const association = (publicIp: string, scope: Scope): NetworkInterfaceAssociation => ({
  IpOwnerId: 'amazon',
  PublicDnsName: publicDnsName(publicIp, scope),
  PublicIp: publicIp,
})

/** `groups`: at least those that the interface is in, by id. */
export const describeNetworkInterface = (
  record: NetworkInterfaceRecord,
  groups: ReadonlyMap<string, SecurityGroupRecord>,
): NetworkInterface => {
  const { id, scope, spec, status } = record
  const isManaged = spec.ownerArn !== undefined
  const publicly = spec.publicIp === undefined ? {} : { Association: association(spec.publicIp, scope) }
  const name = privateDnsName(spec.privateIp, scope.region)
  return {
    NetworkInterfaceId: id,
    OwnerId: scope.account,
    Description: spec.description,
    InterfaceType: 'interface',
    AvailabilityZone: spec.availabilityZone,
    AvailabilityZoneId: zoneId(spec.availabilityZone),
    VpcId: spec.vpcId,
    SubnetId: spec.subnetId,
    MacAddress: spec.mac,
    PrivateIpAddress: spec.privateIp,
    PrivateDnsName: name,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: spec.privateIp, PrivateDnsName: name, ...publicly }],
    ...publicly,
    Ipv6Addresses: [],
    Groups: spec.securityGroupIds.map((groupId) => ({ GroupId: groupId, GroupName: groups.get(groupId)?.name })),
    SourceDestCheck: true,
    RequesterManaged: isManaged,
    ...(isManaged ? { RequesterId: FARGATE_ACCOUNT } : {}),
    Operator: { Managed: false },
    Status: status.state === 'attached' ? 'in-use' : 'available',
    ...(status.state === 'attached'
      ? {
          Attachment: {
            AttachmentId: `eni-attach-${id.slice(NETWORK_INTERFACE.prefix.length + 1)}`,
            AttachTime: recordedTime(status.attachedAt ?? spec.createdAt),
            DeleteOnTermination: false,
            DeviceIndex: 1,
            NetworkCardIndex: 0,
            InstanceOwnerId: FARGATE_ACCOUNT,
            Status: spec.deleteRequested ? 'detaching' : 'attached',
          },
        }
      : {}),
    TagSet: [...spec.tags],
  }
}

const none = (): [] => []

export const selectableNetworkInterface: Selectable<NetworkInterface> = {
  kind: NETWORK_INTERFACE,
  idOf: (one) => one.NetworkInterfaceId ?? '',
  tagsOf: (one) => one.TagSet ?? [],
  filters: {
    'addresses.association.owner-id': (one) => one.PrivateIpAddresses?.map((each) => each.Association?.IpOwnerId) ?? [],
    'addresses.association.public-ip': (one) => one.PrivateIpAddresses?.map((each) => each.Association?.PublicIp) ?? [],
    'addresses.primary': (one) => one.PrivateIpAddresses?.map((each) => each.Primary) ?? [],
    'addresses.private-ip-address': (one) => one.PrivateIpAddresses?.map((each) => each.PrivateIpAddress) ?? [],
    'association.allocation-id': (one) => [one.Association?.AllocationId],
    'association.association-id': (one) => [one.Association?.AssociationId],
    'association.ip-owner-id': (one) => [one.Association?.IpOwnerId],
    'association.public-dns-name': (one) => [one.Association?.PublicDnsName],
    'association.public-ip': (one) => [one.Association?.PublicIp],
    'attachment.attach-time': (one) => [one.Attachment?.AttachTime?.toISOString()],
    'attachment.attachment-id': (one) => [one.Attachment?.AttachmentId],
    'attachment.delete-on-termination': (one) => [one.Attachment?.DeleteOnTermination],
    'attachment.device-index': (one) => [one.Attachment?.DeviceIndex],
    'attachment.instance-id': (one) => [one.Attachment?.InstanceId],
    'attachment.instance-owner-id': (one) => [one.Attachment?.InstanceOwnerId],
    'attachment.status': (one) => [one.Attachment?.Status],
    'availability-zone': (one) => [one.AvailabilityZone],
    'availability-zone-id': (one) => [one.AvailabilityZoneId],
    description: (one) => [one.Description],
    'group-id': (one) => one.Groups?.map((group) => group.GroupId) ?? [],
    'group-name': (one) => one.Groups?.map((group) => group.GroupName) ?? [],
    'interface-type': (one) => [one.InterfaceType],
    'ipv6-addresses.ipv6-address': none,
    'mac-address': (one) => [one.MacAddress],
    'network-interface-id': (one) => [one.NetworkInterfaceId],
    'operator.managed': (one) => [one.Operator?.Managed],
    'operator.principal': (one) => [one.Operator?.Principal],
    'owner-id': (one) => [one.OwnerId],
    'private-dns-name': (one) => [one.PrivateDnsName],
    'private-ip-address': (one) => [one.PrivateIpAddress],
    'requester-id': (one) => [one.RequesterId],
    'requester-managed': (one) => [one.RequesterManaged],
    'source-dest-check': (one) => [one.SourceDestCheck],
    status: (one) => [one.Status],
    'subnet-id': (one) => [one.SubnetId],
    'vpc-id': (one) => [one.VpcId],
  },
}
