// Runs a suite by its name: faults or crashes. --cell NAME runs only that cell, which a failure names; --kind only one kind of fault.
import process from 'node:process'
import { parseArgs } from 'node:util'
import { startVitest } from 'vitest/node'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cell: { type: 'string' }, kind: { type: 'string' } },
})
const [project = 'faults'] = positionals

const literally = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const { cell, kind } = values
const testNamePattern =
  cell !== undefined ? `${literally(cell)}$` : kind !== undefined ? ` × ${literally(kind)}(, (once|for good))?$` : undefined

process.env.IR_CRED_SUITE = project
// The crashes take every line of a run, unless somebody asks for less.
process.env.IR_CRED_KILL ??= 'everywhere'
const only = testNamePattern === undefined ? {} : { testNamePattern }
const vitest = await startVitest('test', [], { project, run: true, ...only })
await vitest.close()
if (vitest.state.getCountOfFailedTests() > 0 || vitest.state.getUnhandledErrors().length > 0) process.exitCode = 1
