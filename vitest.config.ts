import { devNull } from 'node:os'
import { defineConfig } from 'vitest/config'
import { SuiteReporter } from './test/suites/reporter.ts'

const SECONDS = 1000

/** Tests that start ir-cred, or many processes. They run after the others: load would show in their times. */
const PROCESSES = ['test/smoke/**/*.test.ts', 'test/**/*.process.test.ts']

/** Tests that install the package as a user does, from npm's registry: `npm run test:installed`. */
const INSTALLED = ['test/installed/**/*.test.ts']

/** What disturbs a run: a fault, a crash or an interruption at every place where there can be one, a full disk, a silent server; and laws and traps that run whole responses many times. Minutes of them, which `npm run test:sweeps` runs by themselves. */
const SWEEPS = ['test/**/*.sweep.test.ts']

/** A suite that is a command of its own has its own lines: test/suites/run.js says which one runs. */
const reporters = process.env.IR_CRED_SUITE === undefined ? {} : { reporters: [new SuiteReporter()] }

export default defineConfig({
  test: {
    ...reporters,
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
          hookTimeout: 120 * SECONDS,
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
      // The published suites, each a command of its own: docs/suites.md.
      {
        extends: true,
        test: { name: 'faults', include: ['test/suites/faults-*.suite.ts'], isolate: false, testTimeout: 600 * SECONDS },
      },
      {
        extends: true,
        test: {
          name: 'crashes',
          include: ['test/suites/crashes-*.suite.ts', 'test/laws/crash-*.sweep.test.ts', 'test/smoke/kill.sweep.test.ts'],
          globalSetup: 'test/support/build.ts',
          isolate: false,
          testTimeout: 600 * SECONDS,
          hookTimeout: 60 * SECONDS,
        },
      },
      {
        extends: true,
        test: {
          name: 'sweeps',
          include: SWEEPS,
          setupFiles: 'test/support/part.ts',
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
