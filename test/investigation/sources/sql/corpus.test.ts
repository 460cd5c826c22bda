import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, it } from 'vitest'
import { openAthena } from '../../../../src/aws/open-clients.ts'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import { type PrincipalRef, questionOf } from '../../../../src/investigation/question.ts'
import { athenaSource } from '../../../../src/investigation/sources/athena/athena-source.ts'
import { makeTable, openTrino } from '../../../support/duckdb-trino.ts'
import { askingConfig, countedHere, newToken, saidOf, TABLE } from './asking.ts'

/** A folder of log files that others have published, outside the project, with the answers of another program. */
const folder = process.env.IR_CRED_CORPUS ?? ''
const present = existsSync(join(folder, 'expected.jsonl'))

interface Expected {
  readonly set: string
  readonly kind: 'session' | 'key'
  readonly id: string
  readonly events: number
  readonly failed: number
  readonly denied: number
}

const expected: readonly Expected[] = present
  ? readFileSync(join(folder, 'expected.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  : []

const documentsIn = (value: unknown): readonly object[] => {
  if (typeof value !== 'object' || value === null) return []
  if ('eventName' in value && 'eventTime' in value) return [value]
  return Object.values(value).flatMap(documentsIn)
}

const recordsOf = (set: string): readonly object[] => {
  const [name = '', file] = set.split('/')
  const path = join(folder, 'cloudtrail', name)
  const files = file === undefined ? readdirSync(path) : [basename(file)]
  return files.flatMap((each) => documentsIn(JSON.parse(readFileSync(join(path, each), 'utf8'))))
}

const range = { from: '2000-01-01T00:00:00Z' as never }

let connection: DuckDBConnection
let made = ''
beforeAll(async () => {
  connection = await openTrino()
})

const answerTo = async ({ set, kind, id }: Expected, documents: readonly object[]) => {
  const principal: PrincipalRef = { kind: kind === 'key' ? 'access-key-id' : 'session', value: id }
  const question = questionOf(principal, { scope: range })
  if (made !== set) await makeTable(connection, '"logs"."trail"', documents)
  made = set
  const { config, clock, queries } = askingConfig({ connection, looks: 0 })
  const source = athenaSource({ client: await openAthena('eu-west-1', config), clock, table: TABLE, newToken })
  const reading = { signal: new AbortController().signal, progress: () => {} }
  const { states } = await source.read({ questions: [question], followChainedSessions: false, range }, reading)
  const [answered] = states.values()
  const results = JSON.stringify(queries.map(({ result }) => result))
  return { question, there: answered && activityFold(question).finish(answered.state, question), results }
}

/** Records of others say which keys were issued together; the count here has the principal's own records only. */
const withoutIssues = ({ siblings: _, ...said }: ReturnType<typeof saidOf>) => ({
  ...said,
  line: { ...said.line, siblingKeys: undefined },
})

describe.runIf(present)('published log files in Athena', () => {
  it.each(expected)('$set $kind $id', async (wanted) => {
    const documents = recordsOf(wanted.set)
    const { question, there, results } = await answerTo(wanted, documents)
    const here = countedHere(question, documents)
    const said = there && saidOf(there)
    expect(said?.line).toMatchObject({ events: wanted.events, failed: wanted.failed, denied: wanted.denied })
    expect(said && withoutIssues(said)).toEqual(withoutIssues(saidOf(here)))
    expect(results).not.toContain('CANARY')
  })
})
