import { type AddressUse, holderOf, type Subject, type UsualUse } from '../../../incident/facts/subject.ts'
import { type Block, type Span, text, warning } from '../../../incident/values/block.ts'
import { byteAmount } from '../../../incident/values/byte-amount.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import { isPublic } from '../../../investigation/analysis/call-attribution.ts'

/** What the address of the calls means, as far as the account and its history show it. */
export const callerMeaning = (subject: Subject): readonly Block[] => [
  ...usualUseBlocks(subject),
  meaning(subject),
  ...(subject.addressGaps ?? []).map((gap) => text(gap)),
]

/**
 * Why this may be a false alarm, as the end of a sentence: the calls came from an address of the account, or from one that the role
 * called from before the theft. Undefined where nothing suggests it, or one of several addresses is not explained that way. A private
 * address suggests nothing: other networks have it too.
 */
export const falseAlarmHint = (subject: Subject): string | undefined => {
  const { ip, origin, resource, account } = subject.caller
  if (origin === 'instance' || account || unexplained(subject).length > 0) return undefined
  if (origin === 'nat-gateway') return `the calls came from ${ip}, your NAT gateway ${resource ?? ''}`.trimEnd()
  if (origin === 'elastic-ip') return `the calls came from ${ip}, an Elastic IP of this account`
  const [use] = usedBefore(subject)
  return use && `the role called from ${use.address} before the theft (${use.calls} of ${subject.usualUse?.calls} calls read)`
}

const usedBefore = ({ usualUse }: Subject): readonly AddressUse[] =>
  (usualUse?.addresses ?? []).filter(({ calls, address }) => calls > 0 && isPublic(address))

/** Addresses of the theft that are neither the account's own nor used by the role before. */
const unexplained = (subject: Subject): readonly AddressUse[] => {
  const { ip, origin } = subject.caller
  const own = origin === 'nat-gateway' || origin === 'elastic-ip' ? ip : undefined
  const used = usedBefore(subject)
  return (subject.usualUse?.addresses ?? []).filter((use) => use.address !== own && !used.includes(use))
}

const meaning = (subject: Subject): Block => {
  const { instanceId } = subject
  switch (subject.caller.origin) {
    case 'instance':
      return warning(
        `The calls came from ${instanceId} itself. Rotation alone does not stop the attacker, who gets the new credentials from the instance `,
        'too. Isolate the instance (a security group without rules), keep it for forensics, and rebuild it.',
      )
    case 'nat-gateway':
    case 'elastic-ip':
      return warning(
        'The calls came from an address of your own account. Either another machine of yours is compromised, ',
        'or the threat list is out of date and this is a false alarm. Find out which before you revoke the role’s sessions.',
      )
    case 'unknown':
      return warning(
        `ir-cred does not know where the calls came from. If they came from ${instanceId === undefined ? 'the workload' : 'the instance'} itself, rotation alone does not stop the attacker: `,
        'look up their addresses in CloudTrail.',
      )
    case 'foreign':
      if (subject.caller.account)
        return text(`Somebody in AWS account ${subject.caller.account.accountId} holds a copy of the key. Ask its owner.`)
      return falseAlarmHint(subject) !== undefined
        ? warning(
            'Either this is a way out of your own, such as a VPN or a proxy, and this is a false alarm, or somebody there holds a copy of ',
            'the key. Ask whoever runs your network before you revoke the role’s sessions. If nobody can say, revoke.',
          )
        : text(
            `Nothing shows that ${unexplainedNames(subject)} is your own: assume that somebody outside holds a copy of the key.`,
          )
  }
}

const unexplainedNames = (subject: Subject): string =>
  unexplained(subject)
    .map(({ address }) => address)
    .join(', ') || 'this address'

const usualUseBlocks = (subject: Subject): readonly Block[] => {
  const { usualUse } = subject
  if (!usualUse) return []
  const blocks = usualUse.addresses.map((use) => addressBlock(use, usualUse, holderOf(subject).name))
  // Where nothing was read, the reason stands in the sentence itself.
  const notes = usualUse.readBackTo === undefined ? [] : usualUse.incomplete
  return [
    ...blocks,
    ...(usualUse.counted ? [text(`The query read ${byteAmount(usualUse.counted.bytes)}.`)] : []),
    ...notes.map((note) => text(`note: the history is not all read: ${note}`)),
  ]
}

const addressBlock = (use: AddressUse, usualUse: UsualUse, roleName: string): Block => {
  const { address, calls } = use
  const { readBackTo, incomplete } = usualUse
  if (readBackTo === undefined)
    return text(
      `not known: whether the role called from ${address} before the theft: ${incomplete.join('; ') || 'nothing was read in time'}`,
    )
  const read = callsRead(usualUse, readBackTo, roleName)
  if (calls === 0) return text('None of', ...read, ` came from ${address}. That proves nothing.`)
  const known: readonly Span[] = ['Of', ...read, ` ${grouped(calls)} came from ${address}`, ...spread(use)]
  return isPublic(address)
    ? warning(...known, ' It may be your own way out. Keys that were stolen earlier would show the same.')
    : text(...known, ' That proves nothing: other networks have the same private address.')
}

/** What the uses are a part of: the calls that were read, and how far back, or those that another source counted. */
const callsRead = ({ calls, counted, regions }: UsualUse, readBackTo: Instant, roleName: string): readonly Span[] =>
  counted
    ? [
        ` ${grouped(calls)} calls of role ${roleName} that ${counted.source} has of the time from `,
        { at: readBackTo },
        ' to the theft',
        ...(counted.firstCall ? [' (the first at ', { at: counted.firstCall }, ')'] : []),
        ',',
      ]
    : [
        ` ${grouped(calls)} calls of role ${roleName} before the theft, read back to `,
        { at: readBackTo },
        ` in ${regions.join(', ')},`,
      ]

const grouped = (number: number): string => number.toLocaleString('en-US')

const spread = ({ days, first, last, sessions, sessionCount = sessions.length }: AddressUse): readonly Span[] => [
  ` on ${days} ${days === 1 ? 'day' : 'days'}`,
  ...(first && last ? [', first at ', { at: first }, ', last at ', { at: last }] : []),
  ...(sessions.length > 0 ? [', by ', ...namesOf(sessions, sessionCount)] : []),
  '.',
]

/** Session names shown with a call, so that a reader knows whose they are. */
const SHOWN_SESSIONS = 3

const namesOf = (sessions: AddressUse['sessions'], count: number): readonly Span[] => {
  const shown = sessions.slice(0, SHOWN_SESSIONS).flatMap((name, index) => (index === 0 ? [name] : [', ', name]))
  const left = count - SHOWN_SESSIONS
  return [count === 1 ? 'session ' : 'sessions ', ...shown, ...(left > 0 ? [` and ${left} more`] : [])]
}
