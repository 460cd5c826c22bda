import { whyNotTheInstance } from '../../../incident/facts/issue.ts'
import {
  isFederated,
  namesInstance,
  type RoleSession,
  type Subject,
  type UserCredentials,
} from '../../../incident/facts/subject.ts'
import { type Block, fields, type Line, text, warning } from '../../../incident/values/block.ts'
import { callerMeaning } from './caller-meaning.ts'
import { caller } from './caller-words.ts'
import { issueBlocks, issuedToLine } from './issue-words.ts'

/** What is different about the subject since an earlier run, a line each. */
export const subjectChanges = (before: Subject, now: Subject): readonly Line[] => [
  ...(!namesInstance(now) || whyNotTheInstance(now) === undefined || whyNotTheInstance(before) !== undefined
    ? []
    : [`${now.instanceId} is left alone now`]),
  ...(now.region === before.region || !namesInstance(now) ? [] : [`the instance is in ${now.region}, not in ${before.region}`]),
  ...(now.caller.origin === before.caller.origin ? [] : [`the calls came from ${caller(now)}; before: ${caller(before)}`]),
]

/** The whole subject in words. */
export const subjectBlocks = (subject: Subject): readonly Block[] => [
  fields(...roleFields(subject), ...instanceFields(subject), ...originFields(subject), ...descriptionField(subject)),
  ...issueBlocks(subject),
  ...disputeBlocks(subject),
  ...callerMeaning(subject),
]

type Field = readonly [label: string, line: Line]

const roleFields = (subject: Subject): readonly Field[] => {
  const { accessKeyId, principalId } = subject
  if (subject.kind === 'role-session') return [...roleField(subject), ['access key', accessKeyId], ['session', principalId]]
  const { name, id, unread } = subject.user
  return [
    ['user', unread ? `${name} (${id}), as the finding names it: ${unread}` : `${name} (${id})`],
    ...(isFederated(subject)
      ? [['session', ['of federated user ', subject.federatedName, ', which the user obtained by GetFederationToken']] as const]
      : []),
    ['access key', `${accessKeyId}, ${keyWords(subject)}`],
  ]
}

const keyWords = (subject: UserCredentials): string => {
  if (subject.kind === 'user-key') return 'a long-term key'
  return isFederated(subject) ? 'a temporary key' : 'a temporary key of the user’s own'
}

const roleField = ({ role }: RoleSession): readonly Field[] => [
  [
    'role',
    role.unread
      ? `${role.name} (${role.id}); its path is not known: ${role.unread}`
      : `${role.name} (${role.id}), path ${role.path}`,
  ],
]

const instanceFields = (subject: Subject): readonly Field[] => {
  if (!namesInstance(subject)) return []
  const { instanceId, region, instanceFrom, missing } = subject
  return [['instance', missing ?? `${instanceId} in ${region}, according to the ${instanceFrom}`]]
}

const originFields = (subject: Subject): readonly Field[] => [
  ...(subject.kind === 'user-key'
    ? []
    : ([
        ['issued to', issuedToLine(subject)],
        ['issued', issued(subject)],
      ] as const)),
  ['caller', caller(subject)],
]

const descriptionField = (subject: Subject): readonly Field[] =>
  subject.kind === 'role-session' && subject.role.description ? [['description', [subject.role.description]]] : []

/** What of the subject is known at once. */
export const firstBlocks = (subject: Subject): readonly Block[] => [
  fields(...roleFields(subject), ...instanceFields(subject), ...descriptionField(subject)),
]

/** What the reading of the origin adds. */
export const originBlocks = (subject: Subject): readonly Block[] => [
  fields(...originFields(subject)),
  ...issueBlocks(subject),
  ...warnings(subject),
]

/** An attacker on the instance is said at once: the restart gives the new credentials away. So is a dispute over the session. */
const warnings = (subject: Subject): readonly Block[] => [
  ...disputeBlocks(subject),
  ...(subject.caller.origin === 'instance' && namesInstance(subject)
    ? [text(`The calls came from ${subject.instanceId} itself.`)]
    : []),
]

const disputeBlocks = ({ disputed }: Subject): readonly Block[] =>
  disputed === undefined ? [] : [warning(`${disputed}. The instance is not restarted.`)]

const issued = (subject: Subject): Line => {
  const { issuedAt } = subject
  const delivery = subject.kind === 'role-session' ? subject.delivery : undefined
  if (!issuedAt) return 'unknown: CloudTrail shows neither the issue nor a call of this key (yet)'
  const how = delivery === '1.0' ? ', taken over IMDSv1' : delivery === '2.0' ? ', taken over IMDSv2' : ''
  return [{ at: issuedAt }, `${how} (CloudTrail)`]
}
