// How EC2 shows a network interface. Those of ECS tasks belong to AWS: requester-managed, and attached to a machine
// that is not in the caller's account.

import type {
  NetworkInterface,
  NetworkInterfaceAssociation,
  NetworkInterfaceAttachment,
  NetworkInterfacePrivateIpAddress,
  NetworkInterfaceType,
} from '@aws-sdk/client-ec2'
import type { Scope } from '#aws/scope.ts'
import { recordedTime } from '#aws/time.ts'
import { privateDnsName, publicDnsName } from './interface-plan.ts'
import type { AddressRecord, NetworkInterfaceRecord, SecurityGroupRecord } from './records.ts'
import { NETWORK_INTERFACE } from './resource-kind.ts'
import type { Selectable } from './selection.ts'
import { zoneId } from './zone.ts'

/** The account in which AWS runs Fargate's machines, as a task's interface names it. */
const FARGATE_ACCOUNT = '578734482556'

/** An elastic address belongs to the account; one that came with the interface is Amazon's. */
const association = (
  publicIp: string,
  elastic: AddressRecord | undefined,
  scope: Scope,
): NetworkInterfaceAssociation => ({
  IpOwnerId: elastic === undefined ? 'amazon' : scope.account,
  PublicDnsName: publicDnsName(publicIp, scope),
  PublicIp: publicIp,
  ...(elastic === undefined ? {} : { AllocationId: elastic.id, AssociationId: elastic.associationId }),
})

const describedAddress = (
  record: NetworkInterfaceRecord,
  ip: string,
  elastic: readonly AddressRecord[],
): NetworkInterfacePrivateIpAddress => {
  const { scope, spec } = record
  const bound = elastic.find((each) => each.privateIp === ip)
  const publicIp = bound?.publicIp ?? (ip === spec.privateIp ? spec.publicIp : undefined)
  return {
    Primary: ip === spec.privateIp,
    PrivateIpAddress: ip,
    PrivateDnsName: privateDnsName(ip, scope.region),
    ...(publicIp === undefined ? {} : { Association: association(publicIp, bound, scope) }),
  }
}

/** As interfaces of load balancers name who asked for them. */
const ELB = 'amazon-elb'

/** A load balancer's says "amazon-elb", but that of a network load balancer "amazon-aws": tools wait by that name. */
const attachmentOwner = ({ requesterId, interfaceType, isAddressOnly }: NetworkInterfaceRecord['spec']): string => {
  if (requesterId === ELB && interfaceType !== 'network_load_balancer') return ELB
  return isAddressOnly === true || requesterId !== undefined ? 'amazon-aws' : FARGATE_ACCOUNT
}

/** Attached to a machine of AWS's, or to the gateway it was made for. */
export const describeAttachment = ({
  id,
  spec,
  status,
}: NetworkInterfaceRecord): { readonly Attachment?: NetworkInterfaceAttachment } => {
  if (status.state !== 'attached') return {}
  const isOfTask = spec.isAddressOnly !== true && spec.requesterId === undefined
  const isOfBalancer = spec.requesterId === ELB && spec.interfaceType !== 'network_load_balancer'
  const prefix = isOfTask || isOfBalancer ? 'eni-attach' : 'ela-attach'
  return {
    Attachment: {
      AttachmentId: `${prefix}-${id.slice(NETWORK_INTERFACE.prefix.length + 1)}`,
      AttachTime: recordedTime(status.attachedAt ?? spec.createdAt),
      DeleteOnTermination: false,
      DeviceIndex: 1,
      NetworkCardIndex: 0,
      InstanceOwnerId: attachmentOwner(spec),
      Status: spec.deleteRequested ? 'detaching' : 'attached',
    },
  }
}

/** `groups`: at least those that the interface is in, by id; `elastic`: the elastic addresses that are bound to it. */
export const describeNetworkInterface = (
  record: NetworkInterfaceRecord,
  groups: ReadonlyMap<string, SecurityGroupRecord>,
  elastic: readonly AddressRecord[] = [],
): NetworkInterface => {
  const { id, scope, spec, status } = record
  const requesterId = spec.requesterId ?? (spec.ownerArn === undefined ? undefined : FARGATE_ACCOUNT)
  const described = [spec.privateIp, ...(spec.secondaryPrivateIps ?? [])].map((ip) =>
    describedAddress(record, ip, elastic),
  )
  const primary = described[0]?.Association
  return {
    NetworkInterfaceId: id,
    OwnerId: scope.account,
    Description: spec.description,
    // EC2 really says "nat_gateway", where its model says "natGateway".
    InterfaceType: (spec.interfaceType ?? 'interface') as NetworkInterfaceType,
    AvailabilityZone: spec.availabilityZone,
    AvailabilityZoneId: zoneId(spec.availabilityZone),
    VpcId: spec.vpcId,
    SubnetId: spec.subnetId,
    MacAddress: spec.mac,
    PrivateIpAddress: spec.privateIp,
    PrivateDnsName: privateDnsName(spec.privateIp, scope.region),
    PrivateIpAddresses: described,
    ...(primary === undefined ? {} : { Association: primary }),
    Ipv6Addresses: (spec.ipv6Addresses ?? []).map((address) => ({ Ipv6Address: address })),
    Groups: spec.securityGroupIds.map((groupId) => ({ GroupId: groupId, GroupName: groups.get(groupId)?.name })),
    SourceDestCheck: spec.sourceDestCheck ?? true,
    RequesterManaged: requesterId !== undefined,
    ...(requesterId === undefined ? {} : { RequesterId: requesterId }),
    Operator: { Managed: false },
    Status: status.state === 'attached' ? 'in-use' : 'available',
    ...describeAttachment(record),
    TagSet: [...spec.tags],
  }
}

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
    'ipv6-addresses.ipv6-address': (one) => one.Ipv6Addresses?.map((each) => each.Ipv6Address) ?? [],
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
