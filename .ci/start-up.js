// Measures `ir-cred --version` against `node -e 0`, interleaved; fails when its median is more than 1.3 times as long.
import { spawnSync } from 'node:child_process'
import process from 'node:process'

const LIMIT = 1.3
const RUNS = 21
const ROUNDS = 3

const elapsed = (args) => {
  const begun = process.hrtime.bigint()
  const { status } = spawnSync(process.execPath, args)
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}.`)
  return Number(process.hrtime.bigint() - begun) / 1e6
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

const ratio = () => {
  const pairs = Array.from({ length: RUNS }, () => [elapsed(['-e', '0']), elapsed(['bin/ir-cred.js', '--version'])])
  return median(pairs.map(([, ours]) => ours)) / median(pairs.map(([nothing]) => nothing))
}

// A busy machine can spoil a round; it cannot make a slow start fast. So the best round counts.
let best = Number.POSITIVE_INFINITY
for (let round = 0; round < ROUNDS && best > LIMIT; round += 1) best = Math.min(best, ratio())
process.stdout.write(`ir-cred --version takes ${best.toFixed(2)} times as long as node -e 0; at most ${LIMIT} is allowed.\n`)
process.exitCode = best <= LIMIT ? 0 : 1
