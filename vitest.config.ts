// Test rings: unit beside the code, the others under test/ (ARCHITECTURE.md, "How it is proven").
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Host tests start real containers: two files at once is what two cores carry.
    maxWorkers: 2,
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'test/*.test.ts',
            'test/scenarios/**/*.test.ts',
            'test/simulation/**/*.test.ts',
          ],
          exclude: ['**/*.host.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'host',
          include: ['src/**/*.host.test.ts', 'test/host/**/*.test.ts', 'test/parity/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
    ],
  },
})
