// What a container's exit code says, and who ended it. Pure.

import type { TaskContainer } from '#apis/ecs/model/task.ts'

/** Linux's numbers, on the architectures there are. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
}
/** A program that a signal ended is told by this and the signal's number. */
const BY_SIGNAL = 128
const OUT_OF_MEMORY = /^OutOfMemoryError/

export interface Verdict {
  readonly meaning: string
  readonly tryThis: readonly string[]
}

const killed = ({ reason = '', stopSignaledAt, killedAt, memory }: TaskContainer): Verdict => {
  if (OUT_OF_MEMORY.test(reason)) {
    const limit = memory === undefined ? 'the memory of the task' : `its memory limit of ${memory} MiB`
    return {
      meaning: `the kernel killed it (SIGKILL) because it wanted more than ${limit}`,
      tryThis: ['Give it more memory ("memory" of the container or of the task definition), or make it use less.'],
    }
  }
  if (killedAt !== undefined) {
    return {
      meaning: `it did not end after the stop signal (sent ${stopSignaledAt}), so it was killed (SIGKILL) at ${killedAt}`,
      tryThis: [
        'Let the program end when it gets SIGTERM (a shell as process 1 does not pass it on: use exec, or "initProcessEnabled"), or give it a longer "stopTimeout".',
      ],
    }
  }
  return {
    meaning:
      'it was killed (SIGKILL), and not by its own memory limit nor by a stop of the task: by itself, or by the host when that ran out of memory',
    tryThis: ['See whether the host ran out of memory: dmesg | grep -i oom'],
  }
}

const SPECIAL: Readonly<Record<number, Verdict>> = {
  126: {
    meaning: 'its command was found and could not be executed',
    tryThis: ['Make the file executable, and build it for the processor of "runtimePlatform".'],
  },
  127: {
    meaning: 'its command was not found',
    tryThis: ['See that "command" and "entryPoint" name a program that the image has, and every library it needs.'],
  },
  134: {
    meaning: 'the program gave up (SIGABRT): a failed assertion, or an error that nobody caught',
    tryThis: ['Read the last lines of its log.'],
  },
  139: {
    meaning: 'the program touched memory that is not its own and crashed (SIGSEGV)',
    tryThis: ['Look for a fault in native code, or an image built for another processor or C library.'],
  },
}

const signaled = (signal: number): Verdict => {
  const name = SIGNALS[signal] ?? `signal ${signal}`
  return { meaning: `it was ended by ${name}`, tryThis: [] }
}

/** Undefined where the container has no exit code. */
export const exitVerdict = (container: TaskContainer): Verdict | undefined => {
  const { exitCode, stopSignaledAt } = container
  if (exitCode === undefined) return undefined
  if (exitCode === 0) return { meaning: 'the program ended by itself and reported success', tryThis: [] }
  if (exitCode === BY_SIGNAL + 9 || OUT_OF_MEMORY.test(container.reason ?? '')) return killed(container)
  if (exitCode === BY_SIGNAL + 15 && stopSignaledAt !== undefined) {
    return { meaning: 'it ended when it got the stop signal (SIGTERM), as it should', tryThis: [] }
  }
  const special = SPECIAL[exitCode]
  if (special !== undefined) return special
  if (exitCode > BY_SIGNAL && exitCode < BY_SIGNAL + 65) return signaled(exitCode - BY_SIGNAL)
  return {
    meaning: 'the program ended by itself and reported a failure',
    tryThis: ['Read the last lines of its log: what an exit code means is up to the program.'],
  }
}
