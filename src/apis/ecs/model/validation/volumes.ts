// Volumes: what a task declares, what its containers mount of it, and what each kind of volume demands.

import type { ContainerDefinition, EFSVolumeConfiguration, Volume } from '@aws-sdk/client-ecs'
import { NAME_CHARACTERS } from '../limits.ts'
import { isWithin, type Problems } from './problem.ts'

const NAME = /^[A-Za-z0-9_-]+$/

/** At most one of these makes a volume. */
const KINDS = [
  'dockerVolumeConfiguration',
  'efsVolumeConfiguration',
  's3filesVolumeConfiguration',
  'fsxWindowsFileServerVolumeConfiguration',
] as const

export function* volumeProblems(containers: readonly ContainerDefinition[], volumes: readonly Volume[]): Problems {
  const names = new Set<string>()
  for (const volume of volumes) {
    const { name = '' } = volume
    if (name === '') yield 'Volume.name should not be null or empty.'
    if (!NAME.test(name) || name.length > NAME_CHARACTERS) yield 'Volume.name contains invalid characters.'
    if (names.has(name)) yield `Volume names must be unique within a task definition.`
    names.add(name)
    if (KINDS.filter((kind) => volume[kind] !== undefined).length > 1) {
      yield `Only one volume configuration can be specified for volume '${name}'.`
    }
    if (volume.efsVolumeConfiguration !== undefined) yield* efsProblems(volume.efsVolumeConfiguration)
  }
  yield* mountProblems(containers, names)
  yield* launchVolumeProblems(containers, volumes)
}

function* mountProblems(containers: readonly ContainerDefinition[], volumes: ReadonlySet<string>): Problems {
  const containerNames = new Set(containers.map(({ name }) => name))
  for (const container of containers) {
    const paths = new Set<string>()
    for (const { sourceVolume, containerPath = '' } of container.mountPoints ?? []) {
      if (sourceVolume !== undefined && !volumes.has(sourceVolume)) yield `Unknown volume '${sourceVolume}'.`
      if (!containerPath.startsWith('/')) {
        yield `Invalid 'containerPath' setting for container '${container.name}'. It must be an absolute path.`
      }
      if (paths.has(containerPath)) yield `Duplicate mount point: ${containerPath}`
      paths.add(containerPath)
    }
    for (const { sourceContainer } of container.volumesFrom ?? []) {
      if (sourceContainer === undefined || !containerNames.has(sourceContainer) || sourceContainer === container.name) {
        yield `Invalid 'volumesFrom' setting. Unknown container: '${sourceContainer ?? ''}'`
      }
    }
  }
}

function* launchVolumeProblems(containers: readonly ContainerDefinition[], volumes: readonly Volume[]): Problems {
  const atLaunch = volumes.filter((volume) => volume.configuredAtLaunch === true)
  if (atLaunch.length > 1) yield 'Only one volume can be configured at launch.'
  for (const volume of atLaunch) {
    if (volume.host !== undefined || KINDS.some((kind) => volume[kind] !== undefined)) {
      yield `The volume '${volume.name}' is configured at launch and can not have another volume configuration.`
    }
    const isMounted = containers.some(({ mountPoints = [] }) =>
      mountPoints.some(({ sourceVolume }) => sourceVolume === volume.name),
    )
    if (!isMounted) yield `Volumes [${volume.name}] are not referenced by any of the containers.`
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSVolumeConfiguration.html */
function* efsProblems(efs: EFSVolumeConfiguration): Problems {
  const { accessPointId, iam } = efs.authorizationConfig ?? {}
  const isEncrypted = efs.transitEncryption === 'ENABLED'
  if (!/^fs-([0-9a-f]{8}|[0-9a-f]{17})$/.test(efs.fileSystemId ?? '')) yield 'Invalid EFS file system ID.'
  if (iam === 'ENABLED' && !isEncrypted) yield 'EFS IAM authorization requires TransitEncryption to be enabled.'
  if (accessPointId !== undefined && !isEncrypted) yield 'EFS Access Point requires TransitEncryption to be enabled.'
  if (accessPointId !== undefined && !['/', undefined].includes(efs.rootDirectory)) {
    yield 'When using an EFS access point, the root directory must either be set to "/" or be omitted.'
  }
  const port = efs.transitEncryptionPort
  if (port !== undefined && !isEncrypted) yield 'TransitEncryptionPort requires that TransitEncryption is enabled.'
  if (port !== undefined && !isWithin(port, 0, 65_535)) yield 'Invalid TransitEncryptionPort.'
}

/** What Fargate has no place for. */
export function* fargateVolumeProblems(volumes: readonly Volume[]): Problems {
  const refused = 'Fargate compatible task definitions do not support'
  for (const volume of volumes) {
    if (volume.host?.sourcePath !== undefined) yield `${refused} sourcePath`
    if (volume.dockerVolumeConfiguration !== undefined) yield `${refused} dockerVolumeConfiguration`
    if (volume.fsxWindowsFileServerVolumeConfiguration !== undefined) {
      yield `${refused} fsxWindowsFileServerVolumeConfiguration`
    }
  }
}
