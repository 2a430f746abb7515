// What the image store offers to the code that makes a container's root file system out of an image.

import type { ImageConfig, Images } from '#engine/engine.ts'

export type LayerKind = 'directory' | 'erofs'

export interface OpenLayer {
  /** The digest of the layer's uncompressed tar, "sha256:…". */
  readonly diffId: string
  readonly kind: LayerKind
  /**
   * A directory to use as an overlay lower directory (whiteouts are already overlay's: character devices 0/0 and
   * trusted.overlay.opaque), or an EROFS image file to mount read-only. Files belong to the ids that the image names,
   * so the caller id-maps. Never written to. Device nodes are left out of directories but not out of EROFS files:
   * mount those nodev.
   */
  readonly path: string
}

export interface OpenImage {
  /** The manifest's digest, "sha256:…". */
  readonly digest: string
  readonly config: ImageConfig
  /** The image's OCI configuration as it was parsed, for what ImageConfig leaves out (labels, history, created). */
  readonly rawConfig: Readonly<Record<string, unknown>>
  /** Bottom first: overlay's lowerdir wants them the other way round. May be empty. */
  readonly layers: readonly OpenLayer[]
}

export interface Collected {
  readonly removedImages: number
  readonly removedLayers: number
  readonly freedBytes: number
}

/** One process at a time works in a store's folder; the control plane's own lock sees to that. */
export interface ImageStore extends Images {
  /** How layers that arrive from now on are kept; found out once at start. Older layers may be of the other kind. */
  readonly layerKind: LayerKind
  /** Undefined when no such image is here. Cheap: no disk is read. */
  open(digest: string): Promise<OpenImage | undefined>
  /**
   * Keeps the image from being collected until `owner` is released; survives a crash. An owner may retain several
   * images and retain one twice. Owners are 1 to 128 of [A-Za-z0-9_.-], such as container ids. Fault "not-found" when
   * the image is not here.
   */
  retain(digest: string, owner: string): Promise<void>
  /** Gives up everything that `owner` retains. Does nothing for an unknown one. */
  release(owner: string): Promise<void>
  /** Who retains anything: after a crash, the engine releases those that it does not know. */
  owners(): readonly string[]
  /** Removes images that no reference and no owner holds, and layers that no image has. Recently pulled ones stay. */
  collect(): Promise<Collected>
}
