import type { Effect } from '../incident/entry.ts'
import { fields } from '../incident/values/block.ts'
import type { Event } from '../response/ports.ts'
import { endPassages } from './end-passages.ts'
import type { Memory } from './narration.ts'
import { happened, INDENT, type Passage, passage } from './passage.ts'
import { serviceNameOf } from './service-names.ts'
import { clockTime } from './time.ts'

type EventOf<T extends Event['type']> = Extract<Event, { type: T }>
type Teller<T extends Event['type']> = (event: EventOf<T>, memory: Memory, verbose: boolean) => readonly Passage[]

/** What an event says to a person; nothing for those that are only for programs or for the progress line. */
export const passagesOf = (event: Event, memory: Memory, verbose: boolean): readonly Passage[] =>
  (TELLERS[event.type] as Teller<Event['type']>)(event, memory, verbose)

/** Where the run takes place; LIVE or SIMULATED is the first thing to know. */
const began: Teller<'began'> = ({ at, dryRun, setting }) => {
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

const opened: Teller<'opened'> = ({ incident, at }) => [
  { ...passage([`incident ${incident} opened `, { at }], 'heading', INDENT.margin), gap: true },
]

const resumed: Teller<'resumed'> = ({ at }, { incident: { id } }) => [
  { ...passage([`incident ${id} resumed `, { at }], 'heading', INDENT.margin), gap: true },
]

/** Effects are shown once a stage: a change that is under way is assessed again until it is seen. */
const assessed: Teller<'assessed'> = ({ effects, assumed }, { shownEffects }) =>
  effects
    .filter((effect) => !shownEffects.includes(effectKeyOf(effect)))
    .flatMap((effect) => effectPassages(effect, assumed ? 'would call' : 'will call'))

/** By what an effect is known again. */
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

const sent: Teller<'sent'> = (event, { incident }) => {
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

const rechecked: Teller<'rechecked'> = ({ at, stage, stands, says }) => [
  stands
    ? happened(at, `${stage} checked again: ${says}`, 'good')
    : happened(at, `${stage} checked again, NOT IN PLACE: ${says}`, 'alarm'),
]

const blocked: Teller<'blocked'> = ({ why, remedy }) => [passage(`blocked: ${why}`, 'bad'), passage(`to do:   ${remedy}`, 'bad')]

const actor: Teller<'actor'> = ({ who, at, action, outcome, explicit }, { reference }) => {
  const refused = explicit ? 'refused, explicit deny' : 'refused'
  const line = `${who.padEnd(9)} ${clockTime(at, reference)}  ${action.padEnd(22)} ${outcome === 'ok' ? 'ok' : refused}`
  return [passage(line, outcome === 'ok' ? 'quiet' : 'good', INDENT.detail)]
}

const call: Teller<'call'> = ({ at, service, operation, outcome, requestId }, _, verbose) =>
  verbose
    ? [happened(at, `called ${service} ${operation}: ${outcome}${requestId ? ` (request ${short(requestId)})` : ''}`, 'quiet')]
    : []

const established: Teller<'established'> = ({ at, stage, fact }, { incident }, verbose) => {
  const changed = incident.intents.some((intent) => intent.stage === stage)
  return changed || verbose ? [happened(at, `established: ${Object.keys(fact).join(', ')}`, 'good')] : []
}

const TELLERS: { readonly [T in Event['type']]: Teller<T> } = {
  began,
  opened,
  resumed,
  established,
  approved: ({ at, by }) => [happened(at, `approved by ${by}`)],
  intended: ({ at, effect }) => [happened(at, `intent written: ${effect.operation} on ${effect.resource}`)],
  sent,
  rechecked,
  checkpoint: () => [],
  kept: ({ at, name, ref }, _, verbose) =>
    verbose ? [happened(at, `kept as evidence: ${name}, ${ref.bytes} bytes, SHA-256 ${short(ref.sha256)}`, 'quiet')] : [],
  notApplicable: ({ why }) => [passage(`not applicable: ${why}`)],
  skipped: ({ by }) => [passage(`skipped by ${by}`)],
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

/** `assumed-role/ir-responder/alice` of an ARN: the account stands beside it already. */
const shortArn = (arn: string): string => arn.split(':').slice(5).join(':') || arn

/** The beginning of a request id or a hash; the report and the journal have it whole. */
const short = (id: string): string => (id.length > 9 ? `${id.slice(0, 8)}…` : id)
