import {
  containmentOf,
  type IssueRecord,
  type KeyIssue,
  openSources,
  type ProfileHolding,
  principalWords,
  type SourceCredential,
  sourceWords,
  whyNotTheInstance,
} from '../../../incident/facts/issue.ts'
import { recipientOf } from '../../../incident/facts/recipient.ts'
import { isFederated, type RoleSession, type Subject } from '../../../incident/facts/subject.ts'
import { type Block, type Line, list, text, warning } from '../../../incident/values/block.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'

/** Who the key was issued to, and by what that is known: one line. */
export const issuedToLine = (subject: Subject): Line => {
  if (subject.kind !== 'role-session') return obtainedLine(subject)
  const { issue, instanceId } = subject
  const recipient = recipientOf(subject)
  if (recipient.kind === 'identity-center' || recipient.kind === 'service-linked') return `${recipient.words}, by the role’s path`
  if (!issue || issue.to === 'unknown')
    return `not known; the session is named ${instanceId ?? principalWords(untrusted(subject.sessionName))}, which whoever assumes a role chooses`
  const known = KNOWN_BY[issue.knownBy]
  const [source] = issue.sources
  if (instanceId === undefined) return `${recipient.words}, by ${known}`
  if (issue.to === 'ec2-instance') return `EC2 instance ${issue.instanceId}, by ${known}`
  if (source) return `${sourceWords(source)}, by ${known}`
  return issue.resource ? [issue.resource, `, by ${known}`] : `another resource, by ${known}`
}

/** With which key a user's session was obtained. */
const obtainedLine = (subject: Subject): Line => {
  const { issue } = subject
  const [source] = issue?.sources ?? []
  return issue && source
    ? `${sourceWords(source)}, by ${KNOWN_BY[issue.knownBy]}`
    : isFederated(subject)
      ? 'not known: CloudTrail shows no GetFederationToken for it (yet)'
      : 'not known: CloudTrail shows no GetSessionToken for it (yet); the console makes such keys too'
}

const KNOWN_BY: Readonly<Record<KeyIssue['knownBy'], string>> = {
  'issue record': 'CloudTrail’s record of the issue',
  'own calls': 'what AWS writes into CloudTrail’s records of the key’s own calls',
  nothing: 'nothing',
}

/** How each link is known, what contradicts it, and from where the key was obtained. */
export const issueBlocks = (subject: Subject): readonly Block[] => {
  const { issue, instanceId } = subject
  if (!issue) return []
  if (subject.kind !== 'role-session') return sourceBlocks(subject)
  const why = instanceId === undefined ? undefined : whyNotTheInstance(subject)
  return [
    text('Evidence, the strongest first:'),
    list(evidence(issue, subject)),
    ...(why === undefined
      ? []
      : [warning(`${why}. The response revokes the sessions of role ${subject.role.name} and leaves ${instanceId} alone.`)]),
    ...sourceBlocks(subject),
  ]
}

const evidence = (
  issue: KeyIssue,
  { accessKeyId, instanceId, instanceFrom, delivery, role, sessionName }: RoleSession,
): readonly Line[] => [
  ...recordLines(issue, accessKeyId, instanceId !== undefined),
  ...(delivery && issue.to === 'ec2-instance'
    ? [`CloudTrail’s records of the key’s calls: EC2 delivered it over IMDSv${delivery.charAt(0)} (ec2RoleDelivery)`]
    : []),
  ...(instanceId === undefined
    ? [`the session’s name: ${principalWords(untrusted(sessionName))}, which is only a hint`]
    : [
        `${profileLine(issue.profile, instanceId, role.name)} (EC2 and IAM, now)`,
        `${instanceFrom === 'principal id' ? 'the session’s name' : 'the finding’s instance details'}: ${instanceId}, which is only a hint`,
      ]),
]

const recordLines = (issue: KeyIssue, accessKeyId: string, isNamed: boolean): readonly Line[] => {
  const { record, regions, incomplete, to } = issue
  if (record)
    return [[`CloudTrail’s record of the issue: ${record.operation} in ${record.region} at `, { at: record.at }, byWhom(issue)]]
  const unread = incomplete.map((gap): Line => gap)
  const known =
    to !== 'unknown' ? '' : `: known only from the session’s name, the finding${isNamed ? ' and the instance’s profile' : ''}`
  return [
    `CloudTrail does not show the issue of ${accessKeyId} (yet)${known}; asked in ${regions.join(', ')}, 90 days back`,
    ...unread,
  ]
}

const byWhom = ({ instanceId, sources: [source] }: KeyIssue): string => {
  if (instanceId !== undefined) return `, by ec2.amazonaws.com for ${instanceId}`
  return source ? `, by ${sourceWords(source)}` : ''
}

const profileLine = (profile: ProfileHolding, instanceId: string, roleName: string): string => {
  switch (profile.holds) {
    case 'the role':
      return `${instanceId} holds role ${roleName}`
    case 'another role':
      return `${instanceId} holds role ${profile.roleName} by instance profile ${profile.profile}, and not role ${roleName}`
    case 'no role':
      return `${instanceId} holds no role${profile.profile ? `: instance profile ${profile.profile} is empty` : ': it has no instance profile'}`
    case 'no role: terminated':
      return `${instanceId} is terminated: ${profile.by}`
    case 'unknown':
      return `whether ${instanceId} holds role ${roleName} is not known: ${profile.why}`
  }
}

const sourceBlocks = (subject: Subject): readonly Block[] => {
  const { sources = [], sourcesEnd } = subject.issue ?? {}
  if (sources.length === 0 || (subject.instanceId === undefined && sources.every(({ kind }) => kind === 'service'))) return []
  const isOpen = openSources(subject).length > 0
  return [
    isOpen
      ? warning(
          'The key was obtained with other credentials, which can obtain new sessions of the role until they are contained:',
        )
      : text('The key was obtained with other credentials, which are contained:'),
    list(sources.flatMap((source) => [sourceLine(source), state(source)])),
    ...(sourcesEnd === undefined ? [] : [text(`The chain ends here: ${sourcesEnd}.`)]),
  ]
}

const sourceLine = (source: SourceCredential): Line => [`${sourceWords(source)}, `, ...recordSpans(source.by)]

const recordSpans = ({ operation, at, region }: IssueRecord) => [`${operation} in ${region} at `, { at }]

const state = (source: SourceCredential): string =>
  source.closed === undefined ? containmentOf(source) : `contained: ${source.closed}`
