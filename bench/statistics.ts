// Percentiles of samples, and a table of them.

export const percentile = (samples: readonly number[], fraction: number): number => {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN
}

const COLUMNS = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const

/** One row per series: milliseconds, and the ratio to the first series. */
export const table = (series: Readonly<Record<string, readonly number[]>>): string => {
  const baseline = Object.values(series)[0] ?? []
  return Object.entries(series)
    .map(([name, samples]) => {
      const cells = COLUMNS.map(([label, fraction]) => {
        const value = percentile(samples, fraction)
        return `${label} ${value.toFixed(1).padStart(7)} ms (${(value / percentile(baseline, fraction)).toFixed(2)}×)`
      })
      return `  ${name.padEnd(28)} n=${String(samples.length).padEnd(4)} ${cells.join('   ')}`
    })
    .join('\n')
}
