import type { Activity } from '../../incident/facts/activity.ts'
import type { CallMaker, Cause, CauseEvent, ObtainedBy } from '../../incident/facts/cause.ts'
import { type Block, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { quantity, tableOf } from './listing.ts'

const SHOWN_EVENTS = 15

/** What led to the use of the credentials by somebody else. */
export const causeBlocks = ({ cause }: Activity): readonly Block[] => {
  if (!cause) return []
  const { obtainedBy, obtainedByCut, addressesNotRead } = cause
  return [
    ...(obtainedBy.length > 0 ? [text('Who obtained the credentials:'), list(obtainedBy.map(stepLine))] : []),
    ...(obtainedByCut ? [text(obtainedByCut)] : []),
    ...eventBlocks(cause),
    ...sameAddressBlocks(cause),
    ...(addressesNotRead ? [text(`${addressesNotRead.charAt(0).toUpperCase()}${addressesNotRead.slice(1)}.`)] : []),
  ]
}

const maker = ({ by, accessKeyId, source }: CallMaker): readonly Span[] => [
  by,
  accessKeyId ? ` with key ${accessKeyId}` : '',
  ' from ',
  source,
]

const stepLine = (step: ObtainedBy): Line => [
  `${step.issuedAccessKeyId} by ${step.how} of `,
  ...maker(step),
  ' at ',
  { at: step.at },
  `, event ${step.eventId}`,
]

const eventBlocks = ({ events, eventsLeftOut, firstUse, notRead }: Cause): readonly Block[] => {
  if (events.length === 0 && notRead) return [text(notRead)]
  const before: Line = firstUse
    ? [
        firstUse.attribution === 'external'
          ? 'before the first external call, '
          : 'before the first call that may be somebody else’s, ',
        { at: firstUse.at },
      ]
    : ['in the records']
  if (events.length === 0)
    return [
      text(
        'The records show none of the calls that ir-cred knows to expose credentials (such as ssm:SendCommand) on the instance, the role, the user or the key ',
        ...before,
        '.',
      ),
    ]
  const older = Math.max(0, events.length - SHOWN_EVENTS) + eventsLeftOut
  return [
    (events.some(({ sameAddress }) => sameAddress) ? warning : text)(
      'Done to the instance, the role, the user or the key ',
      ...before,
      ', in the order of time:',
    ),
    ...(notRead ? [text(notRead)] : []),
    list([...(older > 0 ? [`${older} earlier ones are not shown here`] : []), ...events.slice(-SHOWN_EVENTS).map(eventLine)]),
  ]
}

const eventLine = (event: CauseEvent): Line => [
  { at: event.at },
  ` ${event.eventSource.split('.', 1)[0]}:${event.eventName} ${event.what} `,
  event.target,
  ', by ',
  ...maker(event),
  event.sameAddress ? ', the address of those calls' : '',
  event.succeeded ? '' : `, refused (${event.errorCode ?? 'error'})`,
  `, event ${event.eventId}`,
]

const sameAddressBlocks = ({ sameAddress, sameAddressLeftOut, firstUse }: Cause): readonly Block[] =>
  sameAddress.length === 0
    ? []
    : [
        text(
          `Who else called from the addresses of the ${firstUse?.attribution ?? 'ambiguous'} calls (${quantity(sameAddress.length + sameAddressLeftOut, 'caller')}):`,
        ),
        ...tableOf(
          ['address', 'caller', 'key', 'calls', 'first', 'last'],
          { rows: sameAddress, all: sameAddress.length + sameAddressLeftOut },
          ({ source, by, accessKeyId, events, firstSeen, lastSeen }) => [
            [source],
            [by],
            accessKeyId ?? 'none',
            String(events),
            [{ at: firstSeen }],
            [{ at: lastSeen }],
          ],
        ),
      ]
