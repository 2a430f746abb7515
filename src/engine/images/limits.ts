// Limits of the image store: an image is hostile input, and so is a registry.

export interface LayerLimits {
  /** Entries of one layer's tar, metadata entries included. */
  readonly entries: number
  /** Bytes of all files of one layer. */
  readonly totalBytes: number
  /** Bytes of one file. */
  readonly fileBytes: number
}

export const LAYER_LIMITS: LayerLimits = {
  entries: 2_000_000,
  totalBytes: 64 * 1024 ** 3,
  fileBytes: 32 * 1024 ** 3,
}

/** An archive that is imported: files in it, and bytes of it as spooled to disk. */
export const ARCHIVE_LIMITS: LayerLimits = {
  entries: 20_000,
  totalBytes: 128 * 1024 ** 3,
  fileBytes: 64 * 1024 ** 3,
}

/** Bytes of a path inside a tar. Leaves room for the store's own folders below PATH_MAX (4096). */
export const TAR_PATH_BYTES = 3000
/** Bytes of one name, as Linux has it. */
export const NAME_BYTES = 255
/** Bytes that a directory's absolute path may reach through symbolic links; deeper ones could not be removed by path. */
export const REAL_PATH_BYTES = 3700
/** Bytes of one pax or GNU long-name record block; Go's reader, which all registries are tested with, has the same. */
export const TAR_METADATA_BYTES = 1024 * 1024

/** Bytes of a manifest or index; registries refuse more than 4 MiB. */
export const MANIFEST_BYTES = 4 * 1024 * 1024
/** Bytes of an image configuration. */
export const CONFIG_BYTES = 8 * 1024 * 1024
/** overlay takes at most 500 lower directories; Docker stops at 127. */
export const IMAGE_LAYERS = 127
/** Indexes inside indexes. */
export const INDEX_DEPTH = 4
/** Entries of one index. */
export const INDEX_ENTRIES = 1000
/** Images of one archive. */
export const ARCHIVE_IMAGES = 1000

/** Layers of one image that are fetched and unpacked at the same time; Docker's default. */
export const LAYERS_AT_ONCE = 3
/** The same, all images together: a registry that dawdles must not keep the others' images waiting. */
export const ALL_LAYERS_AT_ONCE = 24
/** Tar entries handled before the event loop gets a turn: about 5 ms of small files. */
export const ENTRIES_PER_SLICE = 128
/** Files at least this large are written by the thread pool, so that a slow disk does not block the event loop. Bytes. */
export const LARGE_FILE_BYTES = 1024 * 1024
/** Directories kept open while a layer is unpacked. */
export const OPEN_DIRECTORIES = 32

/** An image that was pulled or imported so recently stays even when nothing holds it yet. Seconds. */
export const COLLECT_GRACE_SECONDS = 600

/** mkfs.erofs has been given everything and must end. Seconds. */
export const EROFS_FINISH_SECONDS = 300

/** A registry that does not answer. Seconds. */
export const REGISTRY_CONNECT_SECONDS = 10
export const REGISTRY_IDLE_SECONDS = 30
/** Connections per registry. */
export const REGISTRY_CONNECTIONS = 8
export const REGISTRY_REDIRECTS = 5
/** After that many bytes of a blob, breaks that lie before them are forgiven. */
export const BLOB_PROGRESS_BYTES = 1024 * 1024
/** Bytes of an error's explanation, and of a token's answer. */
export const REGISTRY_ERROR_BYTES = 16 * 1024
export const REGISTRY_TOKEN_BYTES = 1024 * 1024
/** How long a token lasts when its server does not say; the distribution specification's. Seconds. */
export const TOKEN_SECONDS = 60
/** AWS's messages speak of five times; all delays together stay below two seconds, for people wait for the answer. */
export const REGISTRY_RETRY = { tries: 5, firstDelaySeconds: 0.1, budgetSeconds: 60 } as const
