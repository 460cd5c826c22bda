import type { TestError } from 'vitest'
import type { Reporter, TestCase, TestSuite } from 'vitest/node'

declare module 'vitest' {
  interface TaskMeta {
    /** The runs that a boundary took, where they are not two. */
    runs?: number
  }
}

/** A test of the crashes that kills a run; the others say that there is something to kill. */
const IS_BOUNDARY = /^(?:gone|after|'?(?:before|after)'?|a response killed|\S+, '?(?:before|after)'?) /

/** What the check of the account says of a change that was made more than once: in a table of changes, or as their number. */
const isDuplicate = ({ diff = '', actual, expected }: TestError): boolean =>
  /^\W*\+\W*"(?:Put|Create|Stop|Start|Send)\w+": [2-9]/m.test(diff) || (Number(actual) > 6 && Number(expected) === 6)

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const sum = (numbers: readonly (number | undefined)[]): number => numbers.reduce<number>((all, one) => all + (one ?? 0), 0)

const crashesIn = (done: readonly TestCase[]): string => {
  const boundaries = done.filter(({ name }) => IS_BOUNDARY.test(name))
  const runs = sum(boundaries.map((test) => test.meta().runs ?? 2))
  const failed = done.filter((test) => test.result().state === 'failed')
  const duplicates = failed.filter((test) => test.result().errors?.some(isDuplicate)).length
  return `boundaries ${boundaries.length}, runs ${runs}, wrong ends ${failed.length}, duplicate changes ${duplicates}`
}

/** A line for each operation or part as it ends, each failure with the command that repeats it, and a last line with the count. */
export class SuiteReporter implements Reporter {
  readonly #done: TestCase[] = []

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result()
    if (state === 'skipped') return
    this.#done.push(test)
    if (state !== 'failed') return
    say(`NOT AS SPECIFIED: ${test.name}`)
    for (const { message, diff } of errors) say([message, diff].filter(Boolean).join('\n').replace(/^/gm, '  '))
    say(`  to repeat it: npm run ${test.project.name} -- --cell '${test.name.replaceAll("'", `'\\''`)}'`)
  }

  onTestSuiteResult(suite: TestSuite): void {
    const ended = [...suite.children.allTests()].filter((test) => test.result().state !== 'skipped')
    if (ended.length === 0) return
    const passed = ended.filter((test) => test.result().state === 'passed').length
    const seconds = Math.round(sum(ended.map((test) => test.diagnostic()?.duration)) / 1000)
    say(`${suite.name}: ${passed} of ${ended.length} (${seconds} s, several at once)`)
  }

  onTestRunEnd(_: unknown, errors: readonly { readonly message?: string }[]): void {
    for (const { message } of errors) say(`an error outside of all cells: ${message}`)
    const passed = this.#done.filter((test) => test.result().state === 'passed').length
    if (this.#done.some(({ project }) => project.name === 'crashes')) say(crashesIn(this.#done))
    else say(`${passed} of ${this.#done.length} cells as specified`)
  }
}
