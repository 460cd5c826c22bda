import type { Entry } from '../incident/entry.ts'
import { emptyIncident, type Incident, learn, lookAgain } from '../incident/incident.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { Event } from '../response/ports.ts'
import { effectKeyOf, passagesOf, type RunSoFar } from './event-passages.ts'
import { INDENT, type Passage, passage } from './passage.ts'
import type { Tone } from './theme.ts'

/** The stage that is running. Its headline is written before the first passage about it. */
interface CurrentStage {
  readonly number: number
  readonly id: string
  /** The phase; `found` once the stage is established. */
  readonly phase: string
  readonly title: string
  readonly headlineShown: boolean
}

interface NarratorState extends RunSoFar {
  readonly stage?: CurrentStage
  /** The ids of the stages that began so far. */
  readonly begun: readonly string[]
}

export interface Narrator {
  narrate(event: Event): readonly Passage[]
  reference(): Instant | undefined
}

/** Turns events into passages for people. The terminal view and the plain view share it. */
export const makeNarrator = (options: { verbose: boolean; quiet: boolean; known?: Incident }): Narrator => {
  let state: NarratorState = { incident: lookAgain(options.known ?? emptyIncident), shownEffects: [], declined: false, begun: [] }
  return {
    narrate: (event) => {
      state = withEvent(state, event)
      const { passages, after } = withHeadline(state, event, passagesOf(event, state, options.verbose))
      state = after
      return options.quiet ? passages.filter((one) => isAlwaysShown(one, event)) : passages
    },
    reference: () => state.reference,
  }
}

const LOUD: readonly Tone[] = ['alarm', 'bad']

const isAlwaysShown = ({ tone }: Passage, event: Event): boolean => event.type === 'ended' || LOUD.includes(tone)

const withEvent = (state: NarratorState, event: Event): NarratorState => {
  const known = event.type === 'declined' ? { ...state, declined: true } : state
  const dated = 'at' in event ? { ...known, reference: event.at } : known
  const learned = isEntry(event) ? { ...dated, incident: learn(dated.incident, event) } : dated
  const found = event.type === 'assessed' && event.status === 'established'
  return found && learned.stage ? { ...learned, stage: { ...learned.stage, phase: 'found' } } : learned
}

/** Puts the stage's headline before the first passage about it, or before the next stage begins. */
const withHeadline = (
  state: NarratorState,
  event: Event,
  passages: readonly Passage[],
): { passages: readonly Passage[]; after: NarratorState } => {
  const { stage } = state
  const due = stage && !stage.headlineShown && (passages.length > 0 || event.type === 'assessed' || event.type === 'entered')
  const beside = passages.length > 0 && event.type === 'described' && isOfEarlier(event.stage, state)
  return {
    passages: due ? [headlineOf(stage), ...passages] : beside ? [besideOf(event.stage), ...passages] : passages,
    after: moveOn(due ? { ...state, stage: { ...stage, headlineShown: true } } : state, event),
  }
}

/** Whether a passage is about a stage that began before the one that is running: what was read beside it. */
const isOfEarlier = (id: string, { stage, begun }: NarratorState): boolean =>
  stage !== undefined && id !== stage.id && begun.includes(id)

const besideOf = (id: string): Passage => ({ ...passage(`${id}, read meanwhile:`, 'heading', INDENT.stage), gap: true })

const moveOn = (state: NarratorState, event: Event): NarratorState => {
  if (event.type === 'assessed') return { ...state, shownEffects: [...state.shownEffects, ...event.effects.map(effectKeyOf)] }
  if (event.type !== 'entered') return state
  const { number, stage: id, phase, title } = event
  return { ...state, shownEffects: [], begun: [...state.begun, id], stage: { number, id, phase, title, headlineShown: false } }
}

const headlineOf = ({ number, id, phase, title }: CurrentStage): Passage => ({
  ...passage(`${String(number).padStart(2)} ${id.padEnd(19)} ${phase.padEnd(9)} ${title}`, 'heading', INDENT.margin),
  gap: true,
})

/** Events that are entries of the journal. The incident is made of them. */
const ENTRIES: ReadonlySet<Event['type']> = new Set([
  'opened',
  'resumed',
  'lifting',
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
  'falseAlarm',
  'blocked',
  'interrupted',
  'recovered',
])

const isEntry = (event: Event): event is Exclude<Entry, { type: 'ended' }> => ENTRIES.has(event.type)
