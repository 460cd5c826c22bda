import { readFileSync } from 'node:fs'
import { allTraps, traps } from '../traps/table/all.ts'
import { notMet } from '../traps/table/not-met.ts'

const rowsOf = (some: (typeof traps)[number][1]): string =>
  some.map(({ id, situation, naive, mutation: { file } }) => `| ${id} | ${situation} | ${naive} | \`${file}\` |`).join('\n')

/** docs/trap-suite.md: the situations that `npm run traps` drives the product into. */
export const trapSuitePage = (): string => `# The traps, as a suite that you can run

<!-- Generated from test/traps/table by \`npm run docs\`. -->

You can drive ir-cred into each of these situations and see what it does. A response runs the whole runbook against the simulated account, with the real AWS
SDK and the real wire protocols; an investigation reads made logs by the command line. [field-traps.md](field-traps.md) has more situations, with the tests of
each.

| command | what it does | last line |
|---|---|---|
| \`npm run traps\` | drives the product into each trap, and prints what it did | \`${score()}\` |
| \`npm run traps -- R25 N1\` | only these | |
| \`npm run traps -- --mutants\` | takes each handling out, one after the other, and says whether its trap falls | \`… of ${allTraps.length} mutants fall\` |

What ir-cred did is put together from the run: the changes that the account recorded, the verdict, the alarms, the exit code. A mutation replaces one text of one
file in a bundle of the sources, which stay as they are. It is an error if that text does not stand there exactly once, and a mutant that only breaks the program
does not count as fallen: a check of its trap must fail. \`npm test\` runs the table, and two of the mutants: how many of all fall, the command says.

${traps.map(([about, some]) => `## ${about}\n\n| Code | Situation | What a naive tool does | Handled in |\n|---|---|---|---|\n${rowsOf(some)}`).join('\n\n')}

## Not in this table

| Code | Situation | Why |
|---|---|---|
${notMet.map(({ ids, situation, why }) => `| ${ids.join(', ')} | ${situation} | ${why} |`).join('\n')}
`

const score = (): string => `${allTraps.length} of ${allTraps.length} traps handled`

/** README.md with the score of the suite, which test/traps holds: every trap of the table is handled. */
export const readmeWithScore = (): string => readFileSync('README.md', 'utf8').replace(/\d+ of \d+ traps handled/, score)
