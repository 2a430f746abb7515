// The keys of steps: what must not happen twice at the same time has the same key. Pure.

export const pullKey = (container: string): string => `pull ${container}`
/** Made, started or made anew. */
export const launchKey = (container: string): string => `launch ${container}`
export const signalKey = (container: string): string => `signal ${container}`
export const healthKey = (container: string): string => `health ${container}`
export const shipKey = (container: string, finished: boolean): string => `ship ${container} ${finished}`
export const PREPARE_KEY = 'prepare'
export const FLUSH_KEY = 'flush'
export const REMOVE_KEY = 'remove'

/** Something of the task may be coming into being: nobody may say yet that nothing is left of it. */
export const isLaunching = (inFlight: ReadonlySet<string>): boolean =>
  [...inFlight].some((key) => key === PREPARE_KEY || key.startsWith('launch '))
