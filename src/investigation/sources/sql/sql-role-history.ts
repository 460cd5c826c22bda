import type { RoleHistory } from '../../../incident/role-history.ts'
import { SECOND_MS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { plus } from '../../../incident/values/instant.ts'
import { roleCallsIn, roleCallsQuery } from './role-calls.ts'
import type { Row } from './rows.ts'
import { noAnswerIn, runQuery } from './run-query.ts'
import type { SqlSourceOptions } from './sql-source.ts'

/** Seconds that a service has, beyond the deadline, to stop the query. */
const STOPPING_SECONDS = 10

/** A role's history in a table that is asked in SQL: one query that counts, under a deadline. */
export const sqlRoleHistory = ({ name, engine, clock, mostBytes, describe }: SqlSourceOptions): RoleHistory => ({
  name,
  service: engine.name,
  count: async (asked, { signal, within }) => {
    const deadline = plus(clock.now(), within)
    const counting = async (until: AbortSignal) => {
      const { dialect, gaps = [] } = await describe()
      until.throwIfAborted()
      const spending = { bytes: 0, calls: 0, pages: 0, events: 0, ...given({ most: mostBytes }) }
      const rows: Row[] = []
      const running = { engine, clock, signal: until, spending, progress: () => {}, deadline }
      const missing = await runQuery(roleCallsQuery(dialect, asked), running, (row) => void rows.push(row))
      const incomplete = [...gaps, ...(missing === undefined ? [] : [missing])]
      return { ...roleCallsIn(rows, asked.addresses), bytes: spending.bytes, incomplete }
    }
    return unlessHanging(counting, { signal, seconds: within + STOPPING_SECONDS, service: engine.name })
  },
})

/** A call that hangs does not hold up what waits for it. What was left behind ends, and stops its query, as soon as the call does. */
const unlessHanging = async <T>(
  work: (until: AbortSignal) => Promise<T>,
  { signal, seconds, service }: { readonly signal: AbortSignal; readonly seconds: number; readonly service: string },
): Promise<T> => {
  const hanging = AbortSignal.timeout(seconds * SECOND_MS)
  const both = AbortSignal.any([signal, hanging])
  const ended = new Promise<never>((_, reject) => {
    const end = () =>
      reject(signal.aborted ? signal.reason : noAnswerIn(seconds, service, 'the query is stopped as soon as it answers'))
    if (both.aborted) end()
    else both.addEventListener('abort', end, { once: true })
  })
  return Promise.race([work(both), ended])
}
