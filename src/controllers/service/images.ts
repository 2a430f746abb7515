// Version consistency: the images that a revision's first task was started with are the revision's. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html (container image resolution)

import type { ContainerImage } from '@aws-sdk/client-ecs'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import type { Draft } from './draft.ts'

const imagesOf = (task: TaskRecord, opted: ReadonlySet<string>): ContainerImage[] =>
  task.status.containers.flatMap(({ name, image, imageDigest }) =>
    imageDigest === undefined || opted.has(name) ? [] : [{ containerName: name, image, imageDigest }],
  )

/** Once on record, a revision's images stay. */
export const noteImages = (draft: Draft): void => {
  for (const { arn, rollout } of draft.revisions.values()) {
    if (rollout.containerImages.length > 0) continue
    const launch = draft.facts.launches.get(arn)
    if (launch === undefined || 'refused' in launch) continue
    const opted = launch.definition.containerDefinitions.filter(
      ({ versionConsistency }) => versionConsistency === 'disabled',
    )
    const names = new Set(opted.flatMap(({ name }) => name ?? []))
    const first = draft.facts.tasks.find(
      ({ owner, status }) =>
        owner?.revisionArn === arn &&
        status.containers.length > 0 &&
        status.containers.every(({ imageDigest }) => imageDigest !== undefined),
    )
    if (first !== undefined) draft.setRollout(arn, { containerImages: imagesOf(first, names) })
  }
}
