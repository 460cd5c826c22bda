import { devNull } from 'node:os'
import { defineConfig } from 'vitest/config'

const SECONDS = 1000

/** Tests that start ir-cred, or many processes. They run after the others: load would show in their times. */
const PROCESSES = ['test/smoke/**/*.test.ts', 'test/**/*.process.test.ts']

/** Tests that install the package as a user does, from npm's registry: `npm run test:installed`. */
const INSTALLED = ['test/installed/**/*.test.ts']

/** What disturbs a run: a fault, a crash or an interruption at every place where there can be one, a full disk, a silent server. Minutes of them, which `npm run test:sweeps` runs by themselves. */
const SWEEPS = ['test/**/*.sweep.test.ts']

export default defineConfig({
  test: {
    env: {
      // Nobody lives in this zone, and no CI: local time that leaks into data is seen.
      TZ: 'Asia/Kathmandu',
      // A test that reaches for the developer's own AWS account finds none.
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    coverage: { include: ['src/**'] },
    // vitest leaves one processor idle, which on a machine of two is half of it.
    maxWorkers: '100%',
    // Most of what a test makes lives no longer than the test: a larger young generation collects it in fewer passes.
    execArgv: ['--max-semi-space-size=64'],
    projects: [
      {
        extends: true,
        test: {
          name: 'rules',
          include: ['test/**/*.test.ts'],
          exclude: [...PROCESSES, ...SWEEPS, ...INSTALLED],
          // A worker imports the SDK once, not once a file. No test replaces a module or leaves a global changed.
          isolate: false,
          testTimeout: 30 * SECONDS,
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: PROCESSES,
          exclude: SWEEPS,
          globalSetup: 'test/support/build.ts',
          isolate: false,
          sequence: { groupOrder: 1 },
          testTimeout: 90 * SECONDS,
          hookTimeout: 60 * SECONDS,
        },
      },
      {
        extends: true,
        test: { name: 'installed', include: INSTALLED, globalSetup: 'test/support/build.ts', testTimeout: 90 * SECONDS },
      },
      {
        extends: true,
        test: {
          name: 'sweeps',
          include: SWEEPS,
          globalSetup: 'test/support/build.ts',
          isolate: false,
          sequence: { groupOrder: 2 },
          testTimeout: 90 * SECONDS,
          hookTimeout: 60 * SECONDS,
        },
      },
    ],
  },
})
