import { DeleteLoginProfileCommand, GetLoginProfileCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam'
import { isNotFound } from '../../../aws/failure.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import { sourceId } from '../../../incident/facts/access.ts'
import type { SourceCredential } from '../../../incident/facts/issue.ts'
import type { UserCredentials } from '../../../incident/facts/subject.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import { userOfArn } from '../../../incident/values/identifiers.ts'
import { type Instant, instantOf, isBefore } from '../../../incident/values/instant.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import { mfaDevicesOf } from '../../../investigation/enrichment/iam-lists.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { deactivationEffect, deactivationInput, deniedKeyOf } from '../revoke-sessions/user-key.ts'
import { type Closing, closedAt, type FoundWay, isKnownWay, refusedNow } from './way.ts'

const DEACTIVATE = 'iam:UpdateAccessKey'
const DELETE = 'iam:DeleteLoginProfile'

/** A long-term key of a user of this account with which the session was obtained, at once or over others. */
interface ParentKey {
  readonly source: SourceCredential
  readonly userName: string
  readonly userArn: string
  readonly accessKeyId: string
}

/** The long-term keys behind the session: each obtains the next one until it is inactive. */
export const parentKeyWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const { subject } = incident.facts
  const keys = (subject.issue?.sources ?? []).flatMap((source): readonly ParentKey[] => {
    const { kind, name, accessKeyId, who } = source
    if (kind !== 'user' || name === undefined || !accessKeyId?.startsWith('AKIA')) return []
    const arn = rawText(who)
    const userArn = userOfArn(arn)?.userName === name ? arn : `arn:${subject.partition}:iam::${subject.accountId}:user/${name}`
    return [{ source, userName: name, userArn, accessKeyId }]
  })
  const found: FoundWay[] = []
  for (const key of keys) found.push(...(await parentKeyWay(incident, key, context)))
  return found
}

const parentKeyWay = async (incident: Closing, key: ParentKey, context: Context): Promise<readonly FoundWay[]> => {
  const { source, userName, userArn, accessKeyId } = key
  const { iam } = context.aws(incident.facts.subject.region)
  const unread: Unread = []
  const asked = { what: `whether ${accessKeyId} is active`, operation: 'iam:ListAccessKeys', otherwise: undefined }
  const denied = await readOr(unread, asked, () => deniedKeyOf(userName, accessKeyId, iam))
  const what = `access key ${accessKeyId} of user ${userName}, which obtained the session,`
  const way = { kind: 'parent-key' as const, resource: userArn, what, source: sourceId(source) }
  if (denied) {
    if (source.closed !== undefined && !isKnownWay(incident, way, DEACTIVATE)) return []
    const at = closedAt(incident, way, DEACTIVATE, context.now())
    return [{ way: { ...way, ...at, state: 'closed', says: `is ${denied.state} (IAM’s list)` } }]
  }
  const words = `iam update-access-key --user-name ${shellWord(userName)} --access-key-id ${accessKeyId} --status Inactive`
  const command = awsCommandFor(context.setting)(words)
  if (unread.length > 0) return [{ way: { ...way, state: 'unknown', says: unread.join('; '), command } }]
  const refused = refusedNow(incident, DEACTIVATE, userArn)
  const isYours = userOfArn(context.setting.responderArn)?.userName === userName
  if (refused !== undefined || isYours) {
    const why = refused === undefined ? 'it is a user’s with which you respond' : `AWS refused ${DEACTIVATE} (${refused})`
    return [{ way: { ...way, state: 'open', says: `is active: ${why}`, command } }]
  }
  const effect = deactivationEffect(userName, userArn, accessKeyId)
  return [
    {
      way: { ...way, state: 'open', says: 'is active', command },
      closing: {
        effects: [effect],
        close: async ({ write }) => {
          await write(iam, new UpdateAccessKeyCommand(deactivationInput(userName, accessKeyId)), effect)
        },
      },
    },
  ]
}

/** A console password that was set since the theft: it signs in to the next session. */
export const loginProfileWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const { subject } = incident.facts
  if (subject.kind === 'role-session') return []
  const { name, arn } = subject.user
  const { iam } = context.aws(subject.region)
  const unread: Unread = []
  const asked = {
    ...{ what: `whether user ${name} has a console password`, operation: 'iam:GetLoginProfile', otherwise: undefined },
  }
  const since = await readOr(unread, asked, () => passwordSince(name, iam))
  const way = { kind: 'login-profile' as const, resource: arn, what: `the console password of user ${name}` }
  const command = awsCommandFor(context.setting)(`iam delete-login-profile --user-name ${shellWord(name)}`)
  if (unread.length > 0) return [{ way: { ...way, state: 'unknown', says: unread.join('; ') } }]
  if (since === undefined) {
    if (!isKnownWay(incident, way, DELETE)) return []
    return [{ way: { ...way, ...closedAt(incident, way, DELETE, context.now()), state: 'closed', says: 'is deleted' } }]
  }
  const theft = theftBegan(incident, subject)
  if (theft === undefined || isBefore(since, theft)) return []
  const refused = refusedNow(incident, DELETE, arn)
  const says = `was set at ${since}, after the theft began (${theft})`
  if (refused !== undefined)
    return [{ way: { ...way, state: 'open', says: `${says}: AWS refused ${DELETE} (${refused})`, command } }]
  return [{ way: { ...way, state: 'open', says, command }, closing: loginClosing(name, arn, since, iam) }]
}

/** MFA devices that were enabled since the theft: with one of them somebody signs in, or gives its sessions the mark of MFA. */
export const mfaWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const { subject } = incident.facts
  if (subject.kind === 'role-session') return []
  const theft = theftBegan(incident, subject)
  if (theft === undefined) return []
  const { name, arn } = subject.user
  const unread: Unread = []
  const asked = { what: `which MFA devices user ${name} has`, operation: 'iam:ListMFADevices', otherwise: undefined }
  const listed = await readOr(unread, asked, () => mfaDevicesOf(context.aws(subject.region).iam, name))
  const kind = 'mfa-device' as const
  if (listed === undefined)
    return [{ way: { kind, resource: arn, what: `an MFA device of user ${name}`, state: 'unknown', says: unread.join('; ') } }]
  return listed.items.flatMap(({ SerialNumber = '', EnableDate }): readonly FoundWay[] => {
    const since = EnableDate && instantOf(EnableDate)
    if (since === undefined || isBefore(since, theft)) return []
    const words = `iam deactivate-mfa-device --user-name ${shellWord(name)} --serial-number ${shellWord(SerialNumber)}`
    const says = `was enabled at ${since}, after the theft began (${theft})`
    const what = `MFA device ${delimited(SerialNumber)} of user ${name}`
    return [
      { way: { kind, resource: SerialNumber || arn, what, state: 'open', says, command: awsCommandFor(context.setting)(words) } },
    ]
  })
}

const loginClosing = (
  name: string,
  arn: string,
  since: Instant,
  iam: ReturnType<Context['aws']>['iam'],
): Required<FoundWay>['closing'] => {
  const effect: Effect = {
    operation: DELETE,
    resource: arn,
    parameters: { UserName: name },
    sentence: `delete the console password of user ${name}, set at ${since}`,
    cost: 'nobody signs in to the console as this user until somebody sets a new password',
    undo: 'the user’s owner sets a new password; nobody can bring the deleted one back',
  }
  return {
    effects: [effect],
    close: async ({ write, keep }) => {
      await keep('login-profile-before', { UserName: name, CreateDate: since })
      await write(iam, new DeleteLoginProfileCommand({ UserName: name }), effect)
    },
  }
}

/** The earliest moment at which the theft shows: the issue of the stolen session, or the finding's first sighting. */
const theftBegan = ({ facts: { finding } }: Closing, { issuedAt }: UserCredentials): Instant | undefined => {
  const { firstSeen } = finding.finding
  if (issuedAt === undefined || firstSeen === undefined) return issuedAt ?? firstSeen
  return isBefore(issuedAt, firstSeen) ? issuedAt : firstSeen
}

const passwordSince = async (userName: string, iam: ReturnType<Context['aws']>['iam']): Promise<Instant | undefined> => {
  try {
    const { LoginProfile } = await iam.send(new GetLoginProfileCommand({ UserName: userName }))
    return LoginProfile?.CreateDate && instantOf(LoginProfile.CreateDate)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
