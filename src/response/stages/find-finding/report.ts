import type { ReportedRequest } from '../../../incident/entry.ts'
import type { FoundFinding, ReportByResponder, ReportedCredential } from '../../../incident/facts/facts.ts'
import { given } from '../../../incident/values/given.ts'
import { rawText, untrusted } from '../../../incident/values/untrusted.ts'
import type { ReadFinding } from '../../../investigation/enrichment/guardduty/findings-query.ts'
import type { Context } from '../../stage.ts'

/** By what an answers file chooses among the credentials of what was reported, by their access keys; or `all`. */
export const WHICH_CREDENTIALS = 'Which of these credentials were stolen?'

/** By what an answers file gives the reason of a report without a finding. */
export const WHY_REPORTED = 'Why do you report it? It stands in the journal and the report (Enter: no reason):'

/** What was reported, by its name. */
export const reportOf = (request: ReportedRequest): ReportByResponder => ({
  by: request.by,
  name: nameOf(request),
  ...given({ reason: request.reason === undefined ? undefined : untrusted(request.reason) }),
})

const nameOf = (request: ReportedRequest): string => {
  switch (request.by) {
    case 'access-key-id':
      return request.accessKeyId
    case 'role':
      return request.roleName
    case 'user':
      return request.userName
    case 'instance-id':
      return request.instanceId
    case 'session':
      return request.arn
  }
}

/** The report with its reason: asked for where none was given on the command line. */
export const withReason = async (report: ReportByResponder, context: Pick<Context, 'ask'>): Promise<ReportByResponder> => {
  if (report.reason !== undefined) return report
  const reason = (await context.ask(WHY_REPORTED))?.trim()
  return reason ? { ...report, reason: untrusted(reason) } : report
}

type SettledReport = ReadFinding & Pick<FoundFinding, 'report' | 'unsettled'>

/**
 * The credentials that a response to a report begins with. One principal's newest key is settled, unless there may be others that were not
 * read (`partial` says why). Among several principals, or several keys of a user, the responder is asked; without an answer the newest
 * stands for all, and nothing is restarted.
 */
export const settledReport = async (
  found: readonly [ReadFinding, ...ReadFinding[]],
  report: ReportByResponder,
  partial: readonly string[],
  context: Pick<Context, 'choose'>,
): Promise<SettledReport> => {
  const credentials = found.flatMap(credentialOf)
  const known: ReportByResponder = credentials.length > 1 ? { ...report, ...listed(credentials) } : report
  const choices = (report.by === 'user' ? found : newestOfEach(found)).map((one) => remarked(one, partial))
  const [newest = remarked(found[0], partial)] = choices
  if (choices.length <= 1) return { ...newest, report: known, ...given({ unsettled: mayBeOthers(report, partial) }) }
  const answer = await context.choose({
    what: WHICH_CREDENTIALS,
    options: [
      { id: 'all', label: ['it is not known: the deny reaches all of them, and no instance is restarted'] },
      ...choices.flatMap(credentialOf).map((credential) => ({ id: credential.accessKeyId, label: labelOf(credential) })),
    ],
  })
  const chosen = choices.find(({ finding }) => finding.accessKeyId === answer)
  if (chosen) return { ...chosen, report: known }
  return { ...newest, report: known, unsettled: [unsettled(report, newest, choices), ...partial].join('; ') }
}

const remarked = (read: ReadFinding, partial: readonly string[]): ReadFinding => ({
  ...read,
  finding: { ...read.finding, remarks: [...read.finding.remarks, ...partial.map((why) => `not all is known: ${why}`)] },
})

/** A session and an instance are named by what is known; of a role and a user there may be more where not all was read. */
const mayBeOthers = ({ by, name }: ReportByResponder, partial: readonly string[]): string | undefined => {
  if (partial.length === 0 || (by !== 'role' && by !== 'user')) return undefined
  const known = by === 'role' ? `one session of role ${name} is known` : `not all keys of user ${name} may be known`
  return `${known}, and it may be another that was stolen: ${partial.join('; ')}`
}

const unsettled = ({ by, name }: ReportByResponder, newest: ReadFinding, choices: readonly ReadFinding[]): string => {
  if (by === 'user')
    return `user ${name} has ${choices.length} keys that are active or in use, and it is not known which was stolen: the response begins with the one that was used last`
  const role = newest.finding.userName ?? 'an unknown name'
  const others = [...new Set(choices.flatMap(({ finding: { userName } }) => userName ?? []))].filter((one) => one !== role)
  const of = by === 'role' ? `role ${name}` : `role ${role}, by ${by === 'session' ? 'session' : 'instance'} ${name},`
  return others.length === 0
    ? `${choices.length} sessions of ${of} were issued or used in the last 12 hours, and it is not known which was stolen: the deny reaches all of them`
    : `credentials of role ${role} and of ${others.map((one) => `role ${one}`).join(', ')} were issued to ${name}, and it is not known which were stolen: the deny is for role ${role} alone; respond to each other one: ${others.map((one) => `\`ir-cred respond --role ${one}\``).join(', ')}`
}

const newestOfEach = (found: readonly ReadFinding[]): readonly ReadFinding[] => {
  const principals = new Map<string | undefined, ReadFinding>()
  for (const one of found) if (!principals.has(one.finding.principalId)) principals.set(one.finding.principalId, one)
  return [...principals.values()]
}

const credentialOf = ({
  finding: { accessKeyId, principalId = '', updatedAt, count, userType },
}: ReadFinding): readonly ReportedCredential[] =>
  accessKeyId === undefined
    ? []
    : [{ accessKeyId, principalId, ...given({ at: count > 0 || userType === 'AssumedRole' ? updatedAt : undefined }) }]

const MOST = 20

const listed = (credentials: readonly ReportedCredential[]): Pick<ReportByResponder, 'credentials' | 'more'> => ({
  credentials: credentials.slice(0, MOST),
  ...given({ more: credentials.length > MOST ? credentials.length - MOST : undefined }),
})

const labelOf = ({ accessKeyId, principalId, at }: ReportedCredential) => [
  `${at === undefined ? 'no use recorded' : `${at.slice(5, 10)} ${at.slice(11, 16)}Z`}  ${accessKeyId}  `,
  untrusted(principalId),
]

/** How a report without a finding is known, as a sentence. */
export const reportWords = ({ by, name, reason }: ReportByResponder) => [
  `Reported by you: ${HOW[by](name)}`,
  ...(reason === undefined ? [' No reason was given.'] : [' Your reason: ', untrusted(rawText(reason)), '.']),
]

const HOW: Readonly<Record<ReportByResponder['by'], (name: string) => string>> = {
  'access-key-id': () => 'the access key. CloudTrail’s records of its calls, or IAM, name whose it is.',
  role: (name) => `role ${name}. CloudTrail’s records of the issue name its sessions.`,
  user: (name) => `user ${name}. IAM and CloudTrail name its keys.`,
  'instance-id': (name) => `instance ${name}. CloudTrail’s records name the credentials that EC2 issued to it.`,
  session: (name) => `session ${name}. CloudTrail’s records name its key.`,
}
