import { isBefore, wholeSecond } from '../../../incident/values/instant.ts'
import { taskOf } from './assumed-steps.ts'
import { plainText, sourceText, succeeded } from './newest-calls.ts'
import { isOfAttacker, type RootSeen, theftAt } from './root-seen.ts'

/** Names of calls that a sentence lists. */
const MOST = 8

/** What a look at the root user shows besides its steps, a sentence each. */
export const rootSightings = (seen: RootSeen): readonly string[] => [
  ...placeWords(seen),
  ...reportWords(seen),
  ...callWords(seen),
  ...assumedWords(seen),
]

const placeWords = ({ finding, look: { organization } }: RootSeen): readonly string[] => {
  switch (organization.is) {
    case 'member':
      return [
        `Account ${finding.accountId} is a member of the organization of management account ${organization.managementAccountId}.`,
      ]
    case 'management':
      return [
        `Account ${finding.accountId} is the management account of its organization: no service control policy binds its root user.`,
      ]
    case 'none':
      return [`Account ${finding.accountId} is in no organization: no service control policy can bind its root user.`]
    case 'unknown':
      return []
  }
}

const reportWords = ({ look: { report } }: RootSeen): readonly string[] => {
  if (!report) return []
  const { row } = report
  const of = (name: string): string => plainText(row[name] ?? '')
  const key = (number: 1 | 2): readonly string[] =>
    row[`access_key_${number}_active`] === 'true'
      ? [
          `access key ${number} of ${of(`access_key_${number}_last_rotated`)}, ${usedWords(of(`access_key_${number}_last_used_date`), of(`access_key_${number}_last_used_service`))}`,
        ]
      : []
  return [
    `IAM’s credential report of ${wholeSecond(report.at)}, which is made at most every four hours: password last used ${of('password_last_used')}; ${[...key(1), ...key(2)].join('; ') || 'no active access key'}.`,
  ]
}

const usedWords = (date: string, service: string): string =>
  /^\d/.test(date) ? `last used ${date} in ${service}` : 'not used as far as IAM knows'

/** What the root user did since the theft: whose calls these are, the owner knows. */
const callWords = (seen: RootSeen): readonly string[] => {
  const since = theftAt(seen)
  const calls = seen.look.calls.filter((record) => succeeded(record) && !isBefore(record.at, since))
  const [newest] = calls
  if (!newest) return []
  const theirs = calls.filter((record) => isOfAttacker(seen, record)).length
  const writes = [...new Set(calls.filter(({ readOnly }) => readOnly === false).map(({ eventName }) => plainText(eventName)))]
  const changed =
    writes.length === 0
      ? 'none of them changed anything'
      : `those that changed something: ${writes.slice(0, MOST).join(', ')}${writes.length > MOST ? ` and ${writes.length - MOST} more` : ''}`
  return [
    `The root user made ${seen.look.readBackTo ? 'at least ' : ''}${calls.length} successful calls since ${wholeSecond(since)}, ${theirs} with the stolen key or from the finding’s address, the last at ${newest.at} from ${sourceText(newest)}; ${changed}.`,
    ...(seen.finding.accessKeyId === undefined
      ? []
      : [`What the stolen key did: \`ir-cred investigate --access-key-id ${plainText(seen.finding.accessKeyId)}\`.`]),
  ]
}

const assumedWords = (seen: RootSeen): readonly string[] => {
  const { issue, look } = seen
  const own = issue ? [`The session was taken by sts:AssumeRoot at ${issue.at} for the task ${taskOf(issue) ?? 'unknown'}.`] : []
  const others = look.assumed.filter(({ eventId }) => eventId !== issue?.eventId)
  const [newest] = others
  if (!newest) return own
  return [
    ...own,
    `sts:AssumeRoot was called ${others.length === 1 ? 'once' : `${others.length} times`} ${issue ? 'besides' : 'since the theft'}, the last at ${newest.at} by ${plainText(newest.principalId ?? 'an unknown principal')} of account ${plainText(newest.accountId ?? 'unknown')}, task ${taskOf(newest) ?? 'unknown'}: see that it was you.`,
  ]
}
