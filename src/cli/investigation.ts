import { type ActivityState, activityFold, type Counted } from '../activity/analysis/activity-fold.ts'
import { activityLine } from '../activity/analysis/activity-line.ts'
import { type Chain, type SessionActivity, walkChain } from '../activity/analysis/chain.ts'
import { type NewlyObserved, newlyObserved } from '../activity/analysis/newly-observed.ts'
import { type LeftBehind, leftBehind } from '../activity/analysis/persistence/left-behind.ts'
import { sessionSummary } from '../activity/analysis/session.ts'
import { type Geography, placeNames } from '../activity/geography/geography.ts'
import { type Principal, type Question, questionOf } from '../activity/question.ts'
import { type Gathered, principalName, type SourceReport } from '../activity/source.ts'

/** What an investigation found: everything that the terminal and the JSON line are made from. */
export interface Investigation {
  readonly counted: Counted
  readonly chain: Chain
  readonly leftovers: readonly LeftBehind[]
  readonly news: NewlyObserved
  readonly report: SourceReport
  readonly incomplete: readonly string[]
}

/** Finishes what a source gathered: the numbers, the sessions below, what was left behind, and what is new. */
export const conclude = async (
  question: Question,
  { states, report }: Gathered<ActivityState>,
  geography: Geography,
): Promise<Investigation> => {
  const covered = { ...question, ...(report.coveredFrom ? { coveredFrom: report.coveredFrom } : {}) }
  const counted = finish(covered, states.get(principalName(question.principal))?.state)
  const sessions = (principal: Principal): Promise<SessionActivity | undefined> => Promise.resolve(sessionOf(principal, states))
  const chain = await walkChain({ principal: question.principal, deeds: counted.deeds }, sessions)
  const deeds = [...counted.deeds, ...chain.links.flatMap(({ activity }) => activity?.deeds ?? [])]
  const news = newlyObserved(counted, placeNames(geography))
  const bad = report.badFiles.map(({ path, why }) => `${path}: ${why}`)
  const incomplete = [...report.incomplete, ...bad, ...chain.incomplete, ...geography.incomplete()]
  return { counted, chain, leftovers: leftBehind(deeds), news, report, incomplete: [...new Set(incomplete)] }
}

const finish = (question: Question, state: ActivityState | undefined): Counted => {
  const fold = activityFold(question)
  return fold.finish(state ?? fold.empty(), question)
}

const sessionOf = (principal: Principal, states: Gathered<ActivityState>['states']): SessionActivity | undefined => {
  const found = states.get(principalName(principal))
  if (!found) return undefined
  const counted = finish(questionOf(principal), found.state)
  return { summary: sessionSummary(counted), deeds: counted.deeds, incomplete: [] }
}

/** The one line of `investigate --json`. */
export const lineOf = ({ counted, chain, leftovers, news, incomplete }: Investigation): object =>
  activityLine(counted, { newlyObserved: news, chain: chain.links, persistence: leftovers, incomplete })
