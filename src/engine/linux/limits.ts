// The limits of the Linux engine, each with its unit.

/** Processes and threads of one task. Fargate documents no number; its hosts answer EAGAIN near this. */
export const TASK_PIDS = 16_384
/** Bytes of an exec's output that are kept. */
export const EXEC_OUTPUT_BYTES = 4096
/** Seconds that a runtime may take to make a container before it is given up. */
export const CREATE_SECONDS = 60
/** Seconds that a sandbox may take to run a program of nine bytes before its platform is given up: some hang. */
export const SANDBOX_PROBE_SECONDS = 15
/** Seconds that a sandbox has to make a socket and fail to read from it. */
export const SANDBOX_SOCKET_SECONDS = 3
/** Seconds that a sandbox may take to answer before it is left alone. */
export const SANDBOX_ANSWER_SECONDS = 5
/** Bytes of a sandbox's list of processes that are read. */
export const SANDBOX_LIST_BYTES = 1024 * 1024
/** Seconds that processes may take to die after SIGKILL. */
export const KILL_SECONDS = 20
/** Seconds that a child of a killed server may take to become the program that it was to be, and between looks. */
export const BIRTH_SECONDS = 2
export const BIRTH_PAUSE_SECONDS = 0.002
/** Seconds between looks at what the file watch may have missed. */
export const SAFETY_POLL_SECONDS = 5
/** Bytes of a container's output file before it is begun anew; readers follow by inode. */
export const OUTPUT_FILE_BYTES = 2 * 1024 ** 3
/** Open files of a process unless the task definition says otherwise (Fargate's default). */
export const DEFAULT_OPEN_FILES = 65_535
/** Formatted file systems kept ready for the next tasks, per size. */
export const READY_STORAGE = 4
/** File systems that tasks have given back are kept up to so many, however many tasks end at once. */
export const KEPT_STORAGE = 16
/** What a task may have left in its file system, in files and MiB, to be worth emptying: more is quicker made anew. */
export const REUSED_STORAGE_FILES = 256
export const REUSED_STORAGE_MIB = 16
/** Seconds for which file systems that are given back are gathered before they are emptied together. */
export const EMPTYING_PAUSE_SECONDS = 0.15
/** MiB that must be free on the data disk for a task to begin. */
export const DISK_ROOM_MIB = 4
/** User namespaces kept ready for the next tasks. */
export const READY_USER_NAMESPACES = 4
/** Bytes of an image's passwd or group file that are read. */
export const ACCOUNT_FILE_BYTES = 1024 * 1024
/** Fargate keeps this much more than was asked for (its metadata shows 20,496 for 20 GiB). */
export const STORAGE_EXTRA_MIB = 16
/** CPU bandwidth period: microseconds. */
export const CPU_PERIOD_MICROS = 100_000
/** Volumes that an image may declare; Docker sets no limit, known images declare at most a handful. */
export const IMAGE_VOLUMES = 64
