import type { Activity } from '../../incident/facts/activity.ts'
import { type Block, list, text, warning } from '../../incident/values/block.ts'
import { failureBlocks, volumeBlocks } from './calls.ts'
import { chainedSessionBlocks, credentialBlocks } from './credentials.ts'
import { quantity } from './cut.ts'
import { newlyObservedBlocks } from './newly-observed.ts'
import { persistenceSection } from './persistence.ts'
import { whenBlocks } from './when.ts'

/** The questions of an investigation that CloudTrail answers, in the order in which they are asked. */
export type QuestionName = 'when' | 'volume' | 'failed' | 'new' | 'credentials' | 'chainedSessions' | 'artefacts'

export interface InvestigationSection {
  readonly question: QuestionName
  readonly heading: string
  readonly blocks: readonly Block[]
}

/** The answers of CloudTrail, question by question; none when it shows no call. */
export const activitySections = (activity: Activity, isCharted = false): readonly InvestigationSection[] => {
  if (activity.events === 0) return []
  return [
    { question: 'when', heading: 'When', blocks: whenBlocks(activity) },
    { question: 'volume', heading: 'Volume', blocks: volumeBlocks(activity, isCharted) },
    { question: 'failed', heading: 'Failed calls', blocks: failureBlocks(activity) },
    { question: 'new', heading: 'New behaviour', blocks: newlyObservedBlocks(activity) },
    { question: 'credentials', heading: 'Which credentials', blocks: credentialBlocks(activity) },
    { question: 'chainedSessions', heading: 'ChainedSessions', blocks: chainedSessionBlocks(activity) },
    { question: 'artefacts', heading: 'Artefacts', blocks: persistenceSection(activity) },
  ]
}

/** Who is spoken of, and by what. */
export const headBlocks = ({
  principal: { kind, value },
  source,
  eventsRead,
  events,
  incomplete,
}: Activity): readonly Block[] => [
  text(`What ${kind.replaceAll('-', ' ')} ${value} did, by ${source} (${quantity(eventsRead, 'event')} read)`),
  ...(events > 0 ? [] : [text(incomplete.length > 0 ? 'No call of it is in what could be read.' : 'No call of it is in there.')]),
]

/** What could not be read, and what the source shows to nobody. */
export const gapBlocks = ({ incomplete, limits }: Activity): readonly Block[] => [
  ...(incomplete.length > 0 ? [warning('Incomplete:'), list([...incomplete])] : []),
  ...limits.map((limit) => text(limit)),
]
