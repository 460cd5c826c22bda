// npm run bench -- [--only start-up,containment,waits,logs,growth] [--runs N] [--write]: docs/benchmarks.md explains the tables.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { rolldown } from 'rolldown'

// Bundled, and then run in a process of its own: a process that has loaded a bundler forks slowly, which would show in every start.
const folder = mkdtempSync(join(tmpdir(), 'ir-cred-bench-'))
const bundle = join(folder, 'bench.mjs')
const bundling = await rolldown({ input: 'test/bench/bench.ts', platform: 'node' })
await bundling.write({ file: bundle })
await bundling.close()
const { status } = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], { stdio: 'inherit' })
rmSync(folder, { recursive: true, force: true })
process.exitCode = status ?? 1
