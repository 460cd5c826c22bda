import type { StillToDo, StillToDoKind } from '../incident/left-to-do.ts'
import { code } from '../incident/values/block.ts'
import { rawLine } from '../incident/values/show.ts'
import type { Ended } from '../response/ports.ts'
import { INDENT, type Passage, passage } from './passage.ts'
import type { Tone } from './theme.ts'

/** How many of a kind the screen shows. The report has all. What stops the workload, or lets the attacker in, is never left out. */
const MOST: { readonly [K in StillToDoKind]?: number } = { 'way-back': 5, 'cut-off': 5 }

const TONES: { readonly [K in StillToDoKind]?: Tone } = {
  alarm: 'alarm',
  'not-denied': 'alarm',
  'by-hand': 'warning',
  open: 'warning',
  'way-back': 'warning',
  stopped: 'alarm',
  'cut-off': 'warning',
}

const MORE: { readonly [K in StillToDoKind]?: string } = {
  'way-back': 'more things are left behind: the report has each with its command',
  'cut-off': 'more consumers of the role are cut off: the report has each with its command',
}

/** The section "Still to do" at the end of the screen: a line and its command each. An alarm that stands above is not repeated. */
export const stillToDoPassages = ({ stillToDo = [], alarms }: Pick<Ended, 'stillToDo' | 'alarms'>): readonly Passage[] => {
  const shown = stillToDo.filter(({ kind, sentence }) => kind !== 'alarm' || !alarms.includes(rawLine(sentence)))
  const answered = stillToDo.length - shown.length
  if (stillToDo.length === 0) return []
  return [
    { ...passage('Still to do:', 'heading', INDENT.stage), gap: true },
    ...(answered > 0 ? [passage(`Answer the ${answered === 1 ? 'alarm' : `${answered} alarms`} above first.`, 'alarm')] : []),
    ...[...new Set(shown.map(({ kind }) => kind))].flatMap((kind) => ofKind(kind, shown)),
  ]
}

const ofKind = (kind: StillToDoKind, shown: readonly StillToDo[]): readonly Passage[] => {
  const all = shown.filter((one) => one.kind === kind)
  const most = MOST[kind] ?? all.length
  const left = all.length - most
  return [
    ...all.slice(0, most).flatMap((one) => toDoPassages(one, TONES[kind])),
    ...(left > 0 ? [passage(`${left} ${MORE[kind] ?? 'more'}.`, TONES[kind])] : []),
  ]
}

const toDoPassages = ({ sentence, command }: StillToDo, tone: Tone = 'plain'): readonly Passage[] => [
  passage(sentence, tone),
  ...(command === undefined ? [] : [{ block: code(command), tone: 'plain' as const, indent: INDENT.detail }]),
]
