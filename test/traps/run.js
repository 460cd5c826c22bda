// Meets every trap of the table, or those that are named; with --mutants, each with its handling taken out.
import { rmSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

// As the tests have it: nobody lives in this zone, and nobody's own AWS account is asked.
Object.assign(process.env, {
  TZ: 'Asia/Kathmandu',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
})

const dir = join('node_modules', '.cache', 'ir-cred-traps', `suite-${process.pid}`)
const build = await rolldown({
  input: 'test/traps/main.ts',
  platform: 'node',
  external: (specifier) => !/^[./\0]/.test(specifier),
  logLevel: 'warn',
})
try {
  await build.write({ dir, format: 'esm', codeSplitting: false })
  await import(pathToFileURL(join(process.cwd(), dir, 'main.js')).href)
} finally {
  rmSync(dir, { recursive: true, force: true })
}
