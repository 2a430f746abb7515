// Where task documents go: whoever answers the metadata endpoint. The only file others import.

import type { TaskMetadataDocument } from '#dataplane/metadata/document.ts'

/** A task is known by where its packets come from, and by nothing else. */
export interface MetadataPlace {
  readonly vpcId: string
  readonly privateIp: string
}

export interface MetadataSink {
  /** Resolves when the task at that place is answered from this document. Faults are retried. */
  set(place: MetadataPlace, document: TaskMetadataDocument): Promise<void>
  /** Does nothing for an unknown place. */
  remove(place: MetadataPlace): Promise<void>
}
