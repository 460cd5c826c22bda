import type { Ending } from '../incident/entry.ts'
import type { Incident } from '../incident/incident.ts'
import { summary } from '../incident/summary.ts'
import { fields, type Line } from '../incident/values/block.ts'
import type { Ended } from '../response/ports.ts'
import { INDENT, type Passage, passage } from './passage.ts'
import type { Tone } from './theme.ts'

const ENDINGS: { readonly [E in Ending]: string } = {
  completed: 'finished',
  declined: 'stopped because a change was declined',
  blocked: 'stopped because something stands in the way',
  failed: 'failed',
  interrupted: 'interrupted',
}

/** The last screen: what became of the incident, what is not proven, where the report lies, and how to go on. */
export const endPassages = (ended: Ended, incident: Incident, declined: boolean): readonly Passage[] => [
  { ...passage('The end of this run:', 'heading', INDENT.stage), gap: true },
  ...rowPassages('plain', [
    ...summary(incident).map(({ label, line }) => [label, line] as const),
    ...ended.unproven.map((what) => ['unproven', what] as const),
  ]),
  ...rowPassages(
    'alarm',
    ended.alarms.map((what) => ['ALARM', what]),
  ),
  ...rowPassages(ended.exitCode === 0 ? 'good' : 'bad', [
    ['ended', `${endingOf(ended, declined)}, ${changes(ended.writes)}, exit ${ended.exitCode}`],
  ]),
  ...rowPassages('plain', [
    ...(ended.report === undefined ? [] : [['report', ended.report] as const]),
    ...(ended.continueWith === undefined ? [] : [['next', ended.continueWith] as const]),
  ]).map((one) => ({ ...one, whole: true })),
]

/** Nobody declined a change where none was asked for: something else was left open. */
const endingOf = ({ ending }: Ended, declined: boolean): string =>
  ending === 'declined' && !declined ? 'stopped because a choice was needed, and none was made' : ENDINGS[ending]

const LABEL_WIDTH = 11

const rowPassages = (tone: Tone, rows: readonly (readonly [label: string, line: Line])[]): readonly Passage[] =>
  rows.length === 0 ? [] : [{ block: fields(...rows), tone, indent: INDENT.stage, labelWidth: LABEL_WIDTH }]

const changes = (writes: number): string => {
  if (writes === 0) return 'no change made'
  return writes === 1 ? '1 change made' : `${writes} changes made`
}
