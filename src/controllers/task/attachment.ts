// A task's attachment: its network interface as ECS shows it, from PRECREATED to DELETED. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attachment.html

import { privateDnsName } from '#apis/ec2/model/interface-plan.ts'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import type { TaskAttachment, TaskRecord } from '#apis/ecs/model/task.ts'

/** The interface has an address and is on its way. */
export const attaching = (attachment: TaskAttachment, made: NetworkInterfaceRecord): TaskAttachment => ({
  ...attachment,
  status: 'ATTACHING',
  details: [
    { name: 'subnetId', value: made.spec.subnetId },
    { name: 'networkInterfaceId', value: made.id },
    { name: 'macAddress', value: made.spec.mac },
    { name: 'privateDnsName', value: privateDnsName(made.spec.privateIp, made.scope.region) },
    { name: 'privateIPv4Address', value: made.spec.privateIp },
    ...(made.spec.ipv6Addresses ?? []).map((value) => ({ name: 'ipv6Address', value })),
  ],
})

export const attachmentIn = (attachment: TaskAttachment, status: TaskAttachment['status']): TaskAttachment =>
  attachment.status === status ? attachment : { ...attachment, status }

/** What EC2 shows as the interface's description: "arn:aws:ecs:…:attachment/<uuid>". */
export const attachmentArn = (task: TaskRecord): string =>
  `${task.arn.slice(0, task.arn.indexOf(':task/'))}:attachment/${task.status.attachment.id}`
