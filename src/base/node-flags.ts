// What Node.js is started with, for programs of this project and for their threads.

/** For `execArgv` of a thread: the other flags of a process are for its own program, and some of them a thread refuses. */
export const THREAD_FLAGS: readonly string[] = ['--import', new URL('quick-imports.ts', import.meta.url).href]

export const NODE_FLAGS: readonly string[] = ['--disable-warning=ExperimentalWarning', ...THREAD_FLAGS]
