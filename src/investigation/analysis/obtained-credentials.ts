import type { ObtainedSession } from '../../incident/facts/activity-rows.ts'
import { given } from '../../incident/values/given.ts'
import { accountNamedBy, isRoleArn, lastPart } from '../../incident/values/identifiers.ts'
import { rawText, untrusted } from '../../incident/values/untrusted.ts'
import { outboundTokenOf } from '../outbound-tokens.ts'
import type { PrincipalRef } from '../question.ts'
import type { CloudTrailRecord } from '../record.ts'
import { isTokenIssue, type Json } from '../record-parameters.ts'
import { joined } from './dictionary.ts'

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
    ...given({
      errorCode: errorCode || undefined,
      parentAccessKeyId: accessKeyId || undefined,
      accessKeyId: issuedAccessKeyId || undefined,
      roleArn: roleArn ? untrusted(roleArn) : undefined,
      sessionArn: sessionArn ? untrusted(sessionArn) : undefined,
      accountId: accountId || undefined,
      expiration: expiration ? untrusted(expiration) : undefined,
    }),
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

/**
 * By what to look for what was done with it: its key; of a console session, the session; of a password, the console sessions
 * of its user; of a trust policy, whoever obtained a session through it. Undefined for what CloudTrail does not show.
 */
export const principalOfChainedSession = (obtained: ObtainedSession): PrincipalRef | undefined => {
  const { accessKeyId, sessionArn, credential, userName, accountId, roleArn } = obtained
  if (accessKeyId) return { kind: 'access-key-id', value: accessKeyId }
  if (credential === 'password' && userName) return { kind: 'console', value: rawText(userName) }
  if (credential === 'trust' && roleArn && accountId)
    return { kind: 'trust', value: `${accountId}/${lastPart(rawText(roleArn))}` }
  const arn = sessionArn ? rawText(sessionArn) : ''
  return /:(?:assumed-role|federated-user)\//.test(arn) ? { kind: 'session', value: arn } : undefined
}

/**
 * All that these records handed out, or refused to, in their order: sessions, long-term keys, console passwords, ways in
 * through a trust policy, and tokens for something that CloudTrail does not show.
 */
export const obtainedCredentials = (writeEvents: readonly CloudTrailRecord[]): readonly ObtainedSession[] =>
  writeEvents.flatMap((record) => obtainedBy(record) ?? [])

const obtainedBy = (record: CloudTrailRecord): ObtainedSession | undefined => {
  if (isTokenIssue(record.eventName)) return obtainedSession(record)
  const purpose = outboundTokenOf(record)
  if (purpose !== undefined) return { ...obtainedFields(record), credential: 'token', purpose }
  return record.eventSource === 'iam.amazonaws.com' ? obtainedFromIam(record) : undefined
}

const obtainedFields = ({
  eventName,
  at,
  eventId,
  outcome,
  errorCode,
  accessKeyId,
  issuedAccessKeyId,
  ...of
}: CloudTrailRecord) => ({
  ...{ how: eventName, at, eventId, succeeded: outcome === 'ok' },
  ...given({
    errorCode: errorCode || undefined,
    parentAccessKeyId: accessKeyId || undefined,
    accessKeyId: issuedAccessKeyId || undefined,
    accountId: of.recipientAccountId ?? (of.accountId || undefined),
  }),
})

/** Long-term keys, passwords and trust policies: who makes one comes back with it, after every session has ended. */
const obtainedFromIam = (record: CloudTrailRecord): ObtainedSession | undefined => {
  const { eventName, request = {}, response = {}, userName: caller } = record
  // Without a name, IAM takes the user who calls ("CreateAccessKey").
  const userName = textAt(request.userName) ?? textAt(objectAt(response.accessKey).userName) ?? caller
  const named = { ...obtainedFields(record), ...given({ userName: userName ? untrusted(userName) : undefined }) }
  switch (eventName) {
    case 'CreateAccessKey':
      return {
        ...named,
        credential: 'long-term-key',
        ...given({ accessKeyId: textAt(objectAt(response.accessKey).accessKeyId) }),
      }
    case 'UpdateAccessKey':
      return textAt(request.status) === 'Active'
        ? { ...named, credential: 'long-term-key', ...given({ accessKeyId: textAt(request.accessKeyId) }) }
        : undefined
    case 'CreateLoginProfile':
    case 'UpdateLoginProfile':
    case 'ChangePassword':
      return { ...named, credential: 'password' }
    case 'CreateRole':
    case 'UpdateAssumeRolePolicy':
      return trustOf(record)
    default:
      return undefined
  }
}

const trustOf = (record: CloudTrailRecord): ObtainedSession | undefined => {
  const { request = {}, response = {} } = record
  const fields = obtainedFields(record)
  const roleName = textAt(request.roleName)
  if (roleName === undefined) return undefined
  // The path of a role that is changed is not in the record: its name stands for it.
  return { ...fields, credential: 'trust', roleArn: untrusted(textAt(objectAt(response.role).arn) ?? roleName) }
}

/** Equal tokens as one, in the place of the first: a workload that pulls images asks for one again and again. */
export const mergeEqualTokens = (obtained: readonly ObtainedSession[]): readonly ObtainedSession[] => {
  const merged = new Map<string, ObtainedSession>()
  for (const one of obtained) {
    const { credential, accessKeyId, how, parentAccessKeyId, errorCode, purpose, eventId, at } = one
    const isToken = credential === 'token' && accessKeyId === undefined
    const name = isToken
      ? joined(how, parentAccessKeyId, errorCode, purpose)
      : joined(eventId, at, parentAccessKeyId, accessKeyId)
    const first = isToken ? merged.get(name) : undefined
    merged.set(name, first ? { ...first, times: { count: (first.times?.count ?? 1) + 1, last: at } } : one)
  }
  return [...merged.values()]
}

/** The key that a call handed out or made: of a session, or a long-term one. */
export const keyIssuedBy = (record: CloudTrailRecord): string | undefined =>
  record.issuedAccessKeyId ??
  (record.eventName === 'CreateAccessKey' ? textAt(objectAt(record.response?.accessKey).accessKeyId) : undefined)
