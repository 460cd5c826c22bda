import { quoted } from '../../../incident/values/quoted.ts'
import { activityFold } from '../../analysis/activity-fold.ts'
import type { Question, TimeRange } from '../../question.ts'
import { OTHERS_READ, undoQuery } from './about-query.ts'
import { type Answered, boundsOf } from './answer-question.ts'
import { portionsThatFit } from './portions.ts'
import { inlined, isLiteral } from './query.ts'
import { singleRecordOf } from './rows.ts'
import type { QueryConnection } from './run-query.ts'

/**
 * What anybody undid of resources, by the names that stand in the requests: for as many names as fit into one query with each. A name
 * that is not sent into a query is reported.
 */
export const readResources = async (
  questions: readonly Question[],
  range: TimeRange,
  connection: QueryConnection,
): Promise<readonly Answered[]> => {
  const { dialect, incomplete } = connection
  const answered = questions.map((question) => {
    const fold = activityFold(question)
    return { question, fold, state: fold.empty() }
  })
  const sent = answered.filter(({ question: { principal } }) => isLiteral(principal.value))
  for (const { question } of answered.filter((one) => !sent.includes(one)))
    incomplete.push(
      `whether somebody else undid something on ${quoted(question.principal.value)} was not looked for: the name holds characters that are not sent into a query`,
    )
  const [first] = sent
  if (!first) return answered
  const { scope } = boundsOf({ ...first.question, scope: range, baselineDays: 0 }, range)
  const queryFor = (some: readonly Answered[]) =>
    undoQuery(
      dialect,
      scope,
      some.map(({ question }) => question.principal.value),
    )
  const isFit = (some: readonly Answered[]): boolean => {
    const { text, values } = queryFor(some)
    return inlined(text, values).length <= dialect.longest
  }
  for (const some of portionsThatFit(sent, isFit)) {
    let rows = 0
    await connection.ask(queryFor(some), (row) => {
      rows += 1
      const record = singleRecordOf(row)
      if (record) connection.spending.events += 1
      if (record) for (const { fold, state } of some) fold.add(state, record)
    })
    if (rows >= OTHERS_READ) incomplete.push(`what others undid was looked for in the first ${OTHERS_READ} calls only`)
  }
  return answered
}
