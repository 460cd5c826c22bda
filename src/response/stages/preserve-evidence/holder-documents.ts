import {
  type AccessKeyMetadata,
  GetAccessKeyLastUsedCommand,
  GetLoginProfileCommand,
  GetRoleCommand,
  GetUserCommand,
} from '@aws-sdk/client-iam'
import { isNotFound } from '../../../aws/failure.ts'
import { decodePolicy, statementsOf } from '../../../aws/policy-document.ts'
import { holderOf, type RoleSession, type Subject, type UserCredentials } from '../../../incident/facts/subject.ts'
import type { Line } from '../../../incident/values/block.ts'
import { instantOf } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import {
  accessKeysOf,
  attachedPoliciesOf,
  inlinePoliciesOf,
  inlinePolicyOf,
  mfaDevicesOf,
} from '../../../investigation/enrichment/iam-lists.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import type { EvidenceRead } from './evidence-read.ts'

/** A role as it is: who may take it, its inline policies word by word, and the names of those that are attached. */
export const roleDocument = async (subject: RoleSession, context: Context, unread: Unread): Promise<EvidenceRead | undefined> => {
  const { iam } = context.aws(subject.region)
  const asked = { what: 'the trust policy of the role', operation: 'iam:GetRole', otherwise: undefined }
  const answer = await readOr(unread, asked, () => iam.send(new GetRoleCommand({ RoleName: subject.role.name })))
  const policies = await policiesOf(subject, context, unread)
  const trust = decodePolicy(answer?.Role?.AssumeRolePolicyDocument)
  if (answer === undefined && policies.read === 0) return undefined
  return {
    of: `role ${subject.role.name}`,
    name: `role-${subject.role.name}`,
    points: [['trust policy', trust ? counted(statementsOf(trust).length, 'statement') : 'not read'], ...policies.points],
    content: { role: { ...answer?.Role, AssumeRolePolicyDocument: trust }, ...policies.content },
  }
}

/** A user as it is: keys with their dates, the console password, MFA devices, and the policies. */
export const userDocument = async (
  subject: UserCredentials,
  context: Context,
  unread: Unread,
): Promise<EvidenceRead | undefined> => {
  const { iam } = context.aws(subject.region)
  const { name } = subject.user
  const ask = <T>(what: string, operation: string, read: () => Promise<T>) =>
    readOr(unread, { what, operation, otherwise: undefined }, read)
  const user = (await ask('the user itself', 'iam:GetUser', () => iam.send(new GetUserCommand({ UserName: name }))))?.User
  const login = await ask('whether the user has a console password', 'iam:GetLoginProfile', () => loginProfile(subject, context))
  const keys = await ask('which access keys the user has', 'iam:ListAccessKeys', () => keysWithUse(subject, context, unread))
  const devices = await ask('which MFA devices the user has', 'iam:ListMFADevices', () => mfaDevicesOf(iam, name))
  const policies = await policiesOf(subject, context, unread)
  if ([user, login, keys, devices].every((one) => one === undefined) && policies.read === 0) return undefined
  return {
    of: `user ${name}`,
    name: `user-${name}`,
    points: [
      ['console password', login === undefined ? 'not read' : login === 'none' ? 'none' : passwordLine(login.CreateDate)],
      ...(keys ?? []).map(({ key, lastUsed }): readonly [string, Line] => ['access key', keyLine(key, lastUsed)]),
      ['MFA devices', devices ? String(devices.items.length) : 'not read'],
      ...policies.points,
    ],
    content: { user, loginProfile: login, accessKeys: keys, mfaDevices: devices?.items, ...policies.content },
  }
}

const loginProfile = async ({ region, user }: UserCredentials, context: Context) => {
  try {
    return (await context.aws(region).iam.send(new GetLoginProfileCommand({ UserName: user.name }))).LoginProfile ?? 'none'
  } catch (error) {
    if (isNotFound(error)) return 'none' as const
    throw error
  }
}

const keysWithUse = async ({ region, user }: UserCredentials, context: Context, unread: Unread) => {
  const { iam } = context.aws(region)
  const { items, incomplete } = await accessKeysOf(iam, user.name)
  if (incomplete !== undefined) unread.push(`the list of the user’s access keys is incomplete: ${incomplete}`)
  const keys: { readonly key: AccessKeyMetadata; readonly lastUsed?: Date | undefined }[] = []
  for (const key of items) {
    const { AccessKeyId } = key
    const what = `when ${AccessKeyId ?? 'a key'} was last used`
    const used = await readOr(unread, { what, operation: 'iam:GetAccessKeyLastUsed', otherwise: undefined }, () =>
      iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId })),
    )
    keys.push({ key, lastUsed: used?.AccessKeyLastUsed?.LastUsedDate })
  }
  return keys
}

const passwordLine = (created: Date | undefined): Line =>
  created ? ['there is one, set at ', { at: instantOf(created) }] : 'there is one'

const keyLine = ({ AccessKeyId = 'unnamed', Status, CreateDate }: AccessKeyMetadata, lastUsed: Date | undefined): Line => [
  `${AccessKeyId}, ${Status ?? 'state not given'}`,
  ...(CreateDate ? [', created at ', { at: instantOf(CreateDate) }] : []),
  ...(lastUsed ? [', last used at ', { at: instantOf(lastUsed) }] : []),
]

/** The policies of the role or the user: inline ones with their text, attached ones by name. */
const policiesOf = async (subject: Subject, context: Context, unread: Unread) => {
  const { iam } = context.aws(subject.region)
  const { of, name } = holderOf(subject)
  const kind = of === 'role' ? 'Role' : 'User'
  const listed = { what: `which inline policies the ${of} has`, operation: `iam:List${kind}Policies`, otherwise: undefined }
  const names = await readOr(unread, listed, () => inlinePoliciesOf(iam, kind, name))
  const inline: { name: string; document: unknown }[] = []
  for (const policy of names?.items ?? []) {
    const asked = {
      what: `the text of inline policy ${plainName(policy)}`,
      operation: `iam:Get${kind}Policy`,
      otherwise: undefined,
    }
    const text = await readOr(unread, asked, () => inlinePolicyOf(iam, kind, name, policy))
    if (text !== undefined) inline.push({ name: policy, document: decodePolicy(text) ?? text })
  }
  const attachedTo = {
    what: `which policies are attached to the ${of}`,
    operation: `iam:ListAttached${kind}Policies`,
    otherwise: undefined,
  }
  const attached = await readOr(unread, attachedTo, () => attachedPoliciesOf(iam, kind, name))
  for (const [what, list] of [
    ['inline policies', names],
    ['attached policies', attached],
  ] as const)
    if (list?.incomplete !== undefined) unread.push(`the list of the ${of}’s ${what} is incomplete: ${list.incomplete}`)
  const points: readonly (readonly [string, Line])[] = [
    ['inline policies', namesLine(names?.items)],
    ['attached policies', namesLine(attached?.items.map(({ PolicyArn, PolicyName }) => PolicyArn ?? PolicyName ?? 'unnamed'))],
  ]
  const read = [names, attached].filter((one) => one !== undefined).length
  return { points, read, content: { inlinePolicies: inline, attachedPolicies: attached?.items } }
}

/** A policy's name can be chosen by whoever may write one. */
const plainName = (name: string): string => name.replace(/[^\w+=,.@-]/g, '?')

const namesLine = (names: readonly string[] | undefined): Line => {
  if (names === undefined) return 'not read'
  return names.length === 0 ? 'none' : names.flatMap((name, index) => (index === 0 ? [untrusted(name)] : [', ', untrusted(name)]))
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
