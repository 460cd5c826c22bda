import type { Effect, Ending } from '../incident/entry.ts'
import type { Incident } from '../incident/incident.ts'
import { summary } from '../incident/summary.ts'
import { fields, type Line } from '../incident/values/block.ts'
import type { Instant } from '../incident/values/instant.ts'
import { redactedSentence } from '../incident/values/redaction/kinds.ts'
import type { Ended, Event } from '../response/ports.ts'
import { happened, INDENT, type Passage, passage } from './passage.ts'
import { parameterBlocks } from './question-blocks.ts'
import { serviceNameOf } from './service-names.ts'
import { stillToDoPassages } from './still-to-do.ts'
import type { Tone } from './theme.ts'
import { clockTime } from './time.ts'

type EventOf<T extends Event['type']> = Extract<Event, { type: T }>
type Narration<T extends Event['type']> = (event: EventOf<T>, run: RunSoFar, verbose: boolean) => readonly Passage[]

/** What the events so far say about the run. */
export interface RunSoFar {
  readonly incident: Incident
  /** Effects that the current stage has shown. */
  readonly shownEffects: readonly string[]
  /** Whether a change was declined in this run. */
  readonly declined: boolean
  /** The newest moment: the day whose date is left out. */
  readonly reference?: Instant
}

/** An event in words for a person. None for events that only programs and the progress line use. */
export const passagesOf = (event: Event, run: RunSoFar, verbose: boolean): readonly Passage[] =>
  (NARRATIONS[event.type] as Narration<Event['type']>)(event, run, verbose)

/** LIVE or SIMULATED comes first, because it matters most. */
const began: Narration<'began'> = ({ at, dryRun, setting }) => {
  const { simulated, accountId, region, profile, detectiveProfile, endpoint, responderArn } = setting
  return [
    passage(
      `ir-cred  ${simulated ? 'SIMULATED' : 'LIVE'}  account ${accountId}  ${region}${dryRun ? '  DRY RUN, nothing is changed' : ''}`,
      'heading',
      INDENT.margin,
    ),
    passage(['you      ', shortArn(responderArn), ', began ', { at }], 'plain', INDENT.margin),
    ...(profile ? [passage(`profile  ${profile}`, 'plain', INDENT.margin)] : []),
    ...(detectiveProfile ? [passage(`profile  ${detectiveProfile}, for Detective`, 'plain', INDENT.margin)] : []),
    ...(endpoint ? [passage(`endpoint ${endpoint}`, 'warning', INDENT.margin)] : []),
  ]
}

const opened: Narration<'opened'> = ({ incident, at }) => [
  { ...passage([`incident ${incident} opened `, { at }], 'heading', INDENT.margin), gap: true },
]

const resumed: Narration<'resumed'> = ({ at }, { incident: { id } }) => [
  { ...passage([`incident ${id} resumed `, { at }], 'heading', INDENT.margin), gap: true },
]

const lifting: Narration<'lifting'> = ({ at }, { incident: { id } }) => [
  { ...passage([`lift of incident ${id} began `, { at }], 'heading', INDENT.margin), gap: true },
]

/** Shows each effect once a stage: a change is assessed again and again until it is seen. */
const assessed: Narration<'assessed'> = ({ effects, assumed }, { shownEffects }, verbose) =>
  effects
    .filter((effect) => !shownEffects.includes(effectKeyOf(effect)))
    .flatMap((effect) => [
      ...effectPassages(effect, assumed ? 'would call' : 'will call'),
      ...(assumed || verbose ? parameterPassages(effect) : []),
    ])

/** A dry run asks nothing, so it shows at once what a question shows by a key. */
const parameterPassages = (effect: Effect): readonly Passage[] =>
  parameterBlocks(effect).map((block) => ({ block, tone: 'quiet', indent: INDENT.detail }))

/** Two effects with the same key are the same. */
export const effectKeyOf = ({ operation, resource, sentence }: Effect): string => `${operation} ${resource} ${sentence}`

const effectPassages = (effect: Effect, call: string): readonly Passage[] => [
  passage(effect.sentence),
  {
    block: fields(
      [call, effect.operation],
      ['on', effect.resource],
      effect.cost === undefined ? undefined : ['costs', effect.cost],
      effect.undo === undefined ? undefined : ['undo', effect.undo],
    ),
    tone: 'plain',
    indent: INDENT.detail,
  },
]

const sent: Narration<'sent'> = (event, { incident }) => {
  const service = serviceNameOf(incident.intents.find(({ nonce }) => nonce === event.nonce)?.effect.operation)
  switch (event.outcome) {
    case 'accepted':
      return [happened(event.at, `accepted by ${service} (request ${short(event.requestId)})`)]
    case 'refused':
      return [happened(event.at, [`refused by ${service}: ${event.code}, `, event.message], 'bad')]
    case 'unknown':
      return [happened(event.at, `no answer from ${service}, unknown until it is read back: ${event.why}`, 'warning')]
  }
}

const rechecked: Narration<'rechecked'> = ({ at, stage, stands, says }) => [
  stands
    ? happened(at, `${stage} checked again: ${says}`, 'good')
    : happened(at, `${stage} checked again, NOT IN PLACE: ${says}`, 'alarm'),
]

const blocked: Narration<'blocked'> = ({ why, remedy }) => [
  passage(`blocked: ${why}`, 'bad'),
  passage(`to do:   ${remedy}`, 'bad'),
]

const actor: Narration<'actor'> = ({ who, at, action, outcome, explicit }, { reference }) => {
  const refused = explicit ? 'refused, explicit deny' : 'refused'
  const line = `${who.padEnd(9)} ${clockTime(at, reference)}  ${action.padEnd(22)} ${outcome === 'ok' ? 'ok' : refused}`
  return [passage(line, outcome === 'ok' ? 'quiet' : 'good', INDENT.detail)]
}

const call: Narration<'call'> = ({ at, service, operation, outcome, requestId }, _, verbose) =>
  verbose
    ? [happened(at, `called ${service} ${operation}: ${outcome}${requestId ? ` (request ${short(requestId)})` : ''}`, 'quiet')]
    : []

const established: Narration<'established'> = ({ at, stage, fact }, { incident }, verbose) => {
  const changed = incident.intents.some((intent) => intent.stage === stage)
  return changed || verbose ? [happened(at, `established: ${Object.keys(fact).join(', ')}`, 'good')] : []
}

/** That something was redacted is always shown: what is kept is not all that AWS answered. */
const kept: Narration<'kept'> = ({ at, name, ref }, _, verbose) => {
  const redacted = redactedSentence(ref.redacted?.counts ?? [])
  return [
    ...(verbose ? [happened(at, `kept as evidence: ${name}, ${ref.bytes} bytes, SHA-256 ${short(ref.sha256)}`, 'quiet')] : []),
    ...(redacted === undefined ? [] : [happened(at, `${name}: ${redacted}`, 'quiet')]),
  ]
}

const NARRATIONS: { readonly [T in Event['type']]: Narration<T> } = {
  began,
  opened,
  resumed,
  lifting,
  established,
  approved: ({ at, by }) => [happened(at, `approved by ${by}`)],
  intended: ({ at, effect }, _, verbose) => [
    happened(at, `intent written: ${effect.operation} on ${effect.resource}`),
    ...(verbose ? parameterPassages(effect) : []),
  ],
  sent,
  rechecked,
  checkpoint: () => [],
  kept,
  notApplicable: ({ why }) => [passage(`not applicable: ${why}`)],
  skipped: ({ by }) => [passage(`skipped by ${by}`)],
  falseAlarm: ({ at, by, reason }) => [happened(at, [`declared a false alarm by ${by}: `, reason])],
  declined: ({ why }) => [passage(`declined: ${why}`, 'bad')],
  blocked,
  interrupted: ({ at, by }) => [happened(at, `interrupted by ${by}; the journal says what was intended`, 'bad')],
  recovered: ({ at, why }) => [happened(at, `recovered: ${why}`, 'warning')],
  entered: () => [],
  assessed,
  described: ({ blocks }) => blocks.map((block) => ({ block, tone: 'plain', indent: INDENT.body })),
  progress: () => [],
  call,
  actor,
  alarm: ({ text }) => [passage(`!! ALARM: ${text}`, 'alarm', INDENT.margin)],
  note: ({ text }) => [passage(`note: ${text}`)],
  ended: (event, { incident, declined }) => endPassages(event, incident, declined),
}

/** `assumed-role/ir-responder/alice` of an ARN: the account is shown beside it. */
const shortArn = (arn: string): string => arn.split(':').slice(5).join(':') || arn

/** The first characters of a request id or a hash. The report and the journal have all of it. */
const short = (id: string): string => (id.length > 9 ? `${id.slice(0, 8)}…` : id)

const ENDINGS: { readonly [E in Ending]: string } = {
  completed: 'finished',
  falseAlarm: 'ended as a false alarm',
  declined: 'stopped because a change was declined',
  blocked: 'stopped because something stands in the way',
  failed: 'failed',
  interrupted: 'interrupted',
}

/** The end of the run: what is established, what is unproven, where the report is, and the command that continues. */
const endPassages = (ended: Ended, incident: Incident, declined: boolean): readonly Passage[] => [
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
    ['ended', `${endingOf(ended, declined)}, ${changes(ended)}, exit ${ended.exitCode}`],
  ]),
  ...rowPassages('plain', [
    ...(ended.report === undefined ? [] : [['report', ended.report] as const]),
    ...(ended.continueWith === undefined ? [] : [['next', ended.continueWith] as const]),
  ]).map((one) => ({ ...one, whole: true })),
  ...stillToDoPassages(ended),
]

/** A run can also end with `declined` because a choice was not made. */
const endingOf = ({ ending }: Ended, declined: boolean): string =>
  ending === 'declined' && !declined ? 'stopped because a choice was needed, and none was made' : ENDINGS[ending]

const LABEL_WIDTH = 11

const rowPassages = (tone: Tone, rows: readonly (readonly [label: string, line: Line])[]): readonly Passage[] =>
  rows.length === 0 ? [] : [{ block: fields(...rows), tone, indent: INDENT.stage, labelWidth: LABEL_WIDTH }]

const changes = ({ writes, otherWrites }: Ended): string => {
  const { refused = 0, unknown = 0, notSent = 0 } = otherWrites ?? {}
  const made = writes === 0 ? 'no change made' : writes === 1 ? '1 change made' : `${writes} changes made`
  return [
    made,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(unknown > 0 ? [`${unknown} sent without an answer`] : []),
    ...(notSent > 0 ? [`${notSent} not sent`] : []),
  ].join(', ')
}
