// Runs a benchmark by name: npm run bench -- launch

const [name, ...args] = process.argv.slice(2)

const BENCHMARKS: Readonly<Record<string, () => Promise<{ run: (args: readonly string[]) => Promise<void> }>>> = {
  launch: () => import('./launch.ts'),
  network: () => import('./network.ts'),
  service: () => import('./service.ts'),
  kills: () => import('./kills.ts'),
  balancer: () => import('./balancer.ts'),
  'flow-logs': async () => ({ run: (await import('./network.ts')).flowLogs }),
}

const load = BENCHMARKS[name ?? '']
if (load === undefined) {
  console.error(`usage: npm run bench -- NAME, where NAME is one of: ${Object.keys(BENCHMARKS).join(', ')}`)
  process.exit(2)
}
await (await load()).run(args)
