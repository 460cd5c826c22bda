import type { Entry } from '../incident/entry.ts'
import type { FactName } from '../incident/facts/facts.ts'
import type { Incident } from '../incident/incident.ts'
import { type Block, text, warning } from '../incident/values/block.ts'
import { redactedSentence } from '../incident/values/redaction/kinds.ts'
import { type Claim, standingOf } from './claims.ts'

export interface ReportSection {
  readonly heading: string
  readonly blocks: readonly Block[]
}

/** How a stage describes its fact, by stage id: the same words as on the screen. */
export type Descriptions = ReadonlyMap<string, (facts: Incident['facts']) => readonly Block[]>

/** One section a stage, in the order in which the journal first names them. */
export const stageSections = (entries: readonly Entry[], descriptions: Descriptions): readonly ReportSection[] =>
  stagesOf(entries).map((stage) => ({ heading: stage, blocks: stageBlocks(stage, entries, descriptions) }))

const stagesOf = (entries: readonly Entry[]): readonly string[] => [
  ...new Set(entries.flatMap((entry) => ('stage' in entry ? [entry.stage] : []))),
]

/** Entries that decide a stage; the newest one counts. */
type Standing = Extract<Entry, { type: 'established' | 'notApplicable' | 'skipped' | 'declined' | 'falseAlarm' | 'blocked' }>

const STANDINGS: ReadonlySet<Entry['type']> = new Set([
  'established',
  'notApplicable',
  'skipped',
  'declined',
  'falseAlarm',
  'blocked',
])

const isStanding = (entry: Entry): entry is Standing => STANDINGS.has(entry.type)

const stageBlocks = (stage: string, entries: readonly Entry[], descriptions: Descriptions): readonly Block[] => {
  const index = entries.findLastIndex((entry) => isStanding(entry) && entry.stage === stage)
  const standing = entries[index]
  if (!standing || !isStanding(standing)) return [claimed('incomplete', 'the stage started and established nothing')]
  return [
    ...standingBlocks(standing, index + 1, entries, descriptions.get(stage)),
    ...redactedLines(stage, entries),
    ...recheckBlocks(stage, entries.slice(index)),
  ]
}

/** What was redacted from the evidence that the stage kept. */
const redactedLines = (stage: string, entries: readonly Entry[]): readonly Block[] =>
  entries.flatMap((entry, index) => {
    if (entry.type !== 'kept' || entry.stage !== stage) return []
    const sentence = redactedSentence(entry.ref.redacted?.counts ?? [])
    return sentence === undefined ? [] : [text(`${entry.name}: ${sentence} (journal ${index + 1}).`)]
  })

const standingBlocks = (
  entry: Standing,
  number: number,
  entries: readonly Entry[],
  describe: ReturnType<Descriptions['get']>,
): readonly Block[] => {
  const cited = `(journal ${number})`
  switch (entry.type) {
    case 'established':
      return [
        ...Object.keys(entry.fact).map((name) =>
          text(
            `Claim: ${standingOf(name as FactName, entries)?.claim ?? 'incomplete'}. Seen at `,
            { at: entry.at },
            ` ${cited}.`,
          ),
        ),
        ...(describe?.(entry.fact) ?? []),
      ]
    case 'notApplicable':
      return [text(`Not applicable: ${entry.why} ${cited}. Nothing is claimed.`)]
    case 'skipped':
      return [claimed('skipped', `by ${entry.by} ${cited}`)]
    case 'declined':
      return [claimed('declined', `${entry.why} ${cited}`)]
    case 'falseAlarm':
      return [
        text(`Claim: attested-by-human: declared a false alarm by ${entry.by} (${entry.responderArn}) ${cited}: `, entry.reason),
        text(`What suggested it: ${entry.hint}. Nothing was changed.`),
      ]
    case 'blocked':
      return [claimed('incomplete', `blocked: ${entry.why} ${cited}`), text(`To do: ${entry.remedy}`)]
  }
}

const claimed = (claim: Claim, why: string): Block => text(`Claim: ${claim}: ${why}.`)

const recheckBlocks = (stage: string, later: readonly Entry[]): readonly Block[] =>
  later.flatMap((entry) => {
    if (entry.type !== 'rechecked' || entry.stage !== stage) return []
    const line = [entry.stands ? 'In place, checked again at ' : 'NOT IN PLACE at ', { at: entry.at }, `: ${entry.says}`] as const
    return [entry.stands ? text(...line) : warning(...line)]
  })
