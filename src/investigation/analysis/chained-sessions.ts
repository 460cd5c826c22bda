import type { ObtainedSession } from '../../incident/facts/activity-rows.ts'
import { accountNamedBy, isRoleArn } from '../../incident/values/identifiers.ts'
import { rawText, untrusted } from '../../incident/values/untrusted.ts'
import type { PrincipalRef } from '../question.ts'
import type { CloudTrailRecord } from '../record.ts'
import { isTokenIssue, type Json } from '../record-parameters.ts'

/** So many sessions below the stolen one are followed. */
export const MOST_CHAINED_SESSIONS = 500

/** What is said of the sessions that were obtained beyond those that are followed: a sentence, or none. */
export const notFollowed = (sessions: number, isByOrder: boolean): readonly string[] => {
  if (sessions === 0) return []
  const chosen = isByOrder ? '; which ones depends on the order in which records were read' : ''
  return [
    `${sessions} ${sessions === 1 ? 'session' : 'sessions'} more than the ${MOST_CHAINED_SESSIONS} that are followed ${sessions === 1 ? 'was' : 'were'} obtained, and what they did is not known${chosen}`,
  ]
}

const objectAt = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const textAt = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The sessions that these records handed out, or refused to, in their order. */
export const obtainedSessions = (writeEvents: readonly CloudTrailRecord[]): readonly ObtainedSession[] =>
  writeEvents.filter(({ eventName }) => isTokenIssue(eventName)).map(obtainedSession)

const obtainedSession = (record: CloudTrailRecord): ObtainedSession => {
  const { eventName, at, eventId, outcome, errorCode, accessKeyId, issuedAccessKeyId, requested } = record
  const { assumedRoleUser, federatedUser, credentials } = record.response ?? {}
  const expiration = textAt(objectAt(credentials).expiration)
  const sessionArn = textAt(objectAt(assumedRoleUser).arn) ?? textAt(objectAt(federatedUser).arn) ?? consoleSession(record)
  const roleArn = requested.roleArn ?? roleOfConsole(record)
  const accountId = accountIn(sessionArn ?? roleArn) ?? accountIn(textAt(record.request?.targetPrincipal)) ?? record.accountId
  return {
    how: eventName,
    at,
    eventId,
    succeeded: outcome === 'ok',
    ...(errorCode ? { errorCode } : {}),
    ...(accessKeyId ? { parentAccessKeyId: accessKeyId } : {}),
    ...(issuedAccessKeyId ? { accessKeyId: issuedAccessKeyId } : {}),
    ...(roleArn ? { roleArn: untrusted(roleArn) } : {}),
    ...(sessionArn ? { sessionArn: untrusted(sessionArn) } : {}),
    ...(accountId ? { accountId } : {}),
    ...(expiration ? { expiration: untrusted(expiration) } : {}),
  }
}

/** AssumeRoot names the member account whose root it becomes, by its id or the root's ARN ("AssumeRoot"). */
const accountIn = (text = ''): string | undefined => accountNamedBy(text)

const CONSOLE: ReadonlySet<string> = new Set(['ConsoleLogin', 'GetSigninToken', 'SwitchRole'])

/** A console session lives by the credentials that signed in: what denies their role's sessions denies it too. */
const roleOfConsole = ({ eventName, roleArn }: CloudTrailRecord): string | undefined =>
  CONSOLE.has(eventName) && isRoleArn(roleArn) ? roleArn : undefined

/** A sign-in with temporary credentials keeps the name of their session; its calls have other key ids. */
const consoleSession = ({ eventName, sessionArn, response }: CloudTrailRecord): string | undefined =>
  CONSOLE.has(eventName) ? (textAt(response?.assumedRoleArn) ?? sessionArn) : undefined

/** By what to look for a chained session's own calls: its key or, of a console session, the session. Undefined for neither. */
export const principalOfChainedSession = ({ accessKeyId, sessionArn }: ObtainedSession): PrincipalRef | undefined => {
  if (accessKeyId) return { kind: 'access-key-id', value: accessKeyId }
  const arn = sessionArn ? rawText(sessionArn) : ''
  return /:(?:assumed-role|federated-user)\//.test(arn) ? { kind: 'session', value: arn } : undefined
}
