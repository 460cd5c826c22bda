import type { Entry } from '../incident/entry.ts'
import { emptyIncident, type Incident, learn } from '../incident/incident.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { Event } from '../response/ports.ts'
import { effectKeyOf, passagesOf } from './event-passages.ts'
import { INDENT, type Passage, passage } from './passage.ts'
import type { Tone } from './theme.ts'

/** The stage being walked through; its line is written when the first thing about it is known. */
export interface CurrentStage {
  readonly number: number
  readonly id: string
  /** The phase; `found` once the stage has seen what it establishes. */
  readonly phase: string
  readonly title: string
  readonly headed: boolean
}

/** What a narrator remembers between events. */
export interface Memory {
  readonly incident: Incident
  readonly stage?: CurrentStage
  /** Effects that the current stage has shown. */
  readonly shownEffects: readonly string[]
  /** Whether a change was declined in this run. */
  readonly declined: boolean
  /** The newest moment heard of: the day whose date goes without saying. */
  readonly reference?: Instant
}

export interface Narrator {
  tell(event: Event): readonly Passage[]
  reference(): Instant | undefined
}

/** Turns events into passages for people: the one telling that the terminal and the plain view share. */
export const makeNarrator = (options: { verbose: boolean; quiet: boolean; known?: Incident }): Narrator => {
  let memory: Memory = { incident: options.known ?? emptyIncident, shownEffects: [], declined: false }
  return {
    tell: (event) => {
      memory = remember(memory, event)
      const { said, after } = withHeadline(memory, event, passagesOf(event, memory, options.verbose))
      memory = after
      return options.quiet ? said.filter((one) => mustBeSaid(one, event)) : said
    },
    reference: () => memory.reference,
  }
}

const LOUD: readonly Tone[] = ['alarm', 'bad']

const mustBeSaid = ({ tone }: Passage, event: Event): boolean => event.type === 'ended' || LOUD.includes(tone)

const remember = (memory: Memory, event: Event): Memory => {
  const known = event.type === 'declined' ? { ...memory, declined: true } : memory
  const dated = 'at' in event ? { ...known, reference: event.at } : known
  const learned = isEntry(event) ? { ...dated, incident: learn(dated.incident, event) } : dated
  const found = event.type === 'assessed' && event.status === 'established'
  return found && learned.stage ? { ...learned, stage: { ...learned.stage, phase: 'found' } } : learned
}

/** Puts the stage's line before the first thing said about it, and before the next stage begins at the latest. */
const withHeadline = (
  memory: Memory,
  event: Event,
  passages: readonly Passage[],
): { said: readonly Passage[]; after: Memory } => {
  const { stage } = memory
  const due = stage && !stage.headed && (passages.length > 0 || event.type === 'assessed' || event.type === 'entered')
  const said = due ? [headlineOf(stage), ...passages] : passages
  return { said, after: moveOn(due ? { ...memory, stage: { ...stage, headed: true } } : memory, event) }
}

const moveOn = (memory: Memory, event: Event): Memory => {
  if (event.type === 'assessed') return { ...memory, shownEffects: [...memory.shownEffects, ...event.effects.map(effectKeyOf)] }
  if (event.type !== 'entered') return memory
  const { number, stage: id, phase, title } = event
  return { ...memory, shownEffects: [], stage: { number, id, phase, title, headed: false } }
}

const headlineOf = ({ number, id, phase, title }: CurrentStage): Passage => ({
  ...passage(`${String(number).padStart(2)} ${id.padEnd(19)} ${phase.padEnd(9)} ${title}`, 'heading', INDENT.margin),
  gap: true,
})

/** Events that are entries of the journal: the incident is learnt from them. */
const ENTRIES: ReadonlySet<Event['type']> = new Set([
  'opened',
  'resumed',
  'established',
  'approved',
  'intended',
  'sent',
  'rechecked',
  'kept',
  'checkpoint',
  'notApplicable',
  'skipped',
  'declined',
  'blocked',
  'interrupted',
  'recovered',
])

const isEntry = (event: Event): event is Exclude<Entry, { type: 'ended' }> => ENTRIES.has(event.type)
