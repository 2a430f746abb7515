// For host tests only, and their first import: moves this process into a network namespace of its own, which plays the
// host. No packet of such a test can reach the machine's real network.

import { bind, checked } from '#linux/libc.ts'
import { run } from '#base/run.ts'

const CLONE_NEWNET = 0x40000000

// Before any other module remembers where this process lives; programs it starts inherit the namespace.
checked('unshare', bind('int unshare(int flags)')(CLONE_NEWNET))
await run('ip', ['link', 'set', 'lo', 'up'])
