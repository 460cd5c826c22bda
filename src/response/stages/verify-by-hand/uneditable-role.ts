import { GetRolePolicyCommand, ListRolePoliciesCommand } from '@aws-sdk/client-iam'
import { isNotFound } from '../../../aws/failure.ts'
import { iamPages } from '../../../aws/pager.ts'
import { decodePolicy, type Statement, statementsOf, valuesOf } from '../../../aws/policy-document.ts'
import { isServiceLinked } from '../../../incident/facts/recipient.ts'
import type { RoleSession } from '../../../incident/facts/subject.ts'
import { type Instant, isBefore, parseInstant } from '../../../incident/values/instant.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import type { KeySeen } from './key-calls.ts'
import { newestCalls, plainText } from './newest-calls.ts'

/** A deny on older sessions among the inline policies of a role, as IAM Identity Center provisions it. */
export interface ProvisionedDeny {
  readonly policy: string
  readonly cutoff: Instant
  /** The user of IAM Identity Center that it is for. Absent: it reaches everybody with the permission set. */
  readonly userId?: string
}

/** A session of a role that nobody in the account may change, as one look found it. */
export interface UneditableSeen {
  readonly subject: RoleSession
  readonly key: KeySeen
  /** Sessions of the role that were issued since the stolen one, the newest first: of a person's those under the same name. */
  readonly issued: readonly CloudTrailRecord[]
  /** `gone`: the role is not there any more. `unread`: it could not be looked at. */
  readonly denies: readonly ProvisionedDeny[] | 'gone' | 'unread'
  readonly unread: readonly string[]
}

/** Looks at the role, at the sessions of it that were issued since, and at the calls of the stolen key. */
export const lookAtUneditable = async (
  subject: RoleSession,
  seenBefore: Instant | undefined,
  context: Context,
): Promise<UneditableSeen> => {
  const { accessKeyId, region, role, sessionName, issuedAt } = subject
  const from = issuedAt ?? seenBefore ?? context.now()
  const window = { from, until: context.now() }
  const unread: Unread = []
  const [calls, issued, denies] = await Promise.all([
    newestCalls({ attribute: 'AccessKeyId', value: accessKeyId, ...window }, region, context),
    newestCalls({ attribute: 'ResourceName', value: role.arn, ...window }, region, context),
    isServiceLinked(role) ? [] : readDenies(subject, unread, context),
  ])
  const raw = [...calls.raw, ...issued.raw]
  if (raw.length > 0) await context.keep('key-calls', raw)
  const isPersons = ({ requested }: CloudTrailRecord) => isServiceLinked(role) || requested.roleSessionName === sessionName
  return {
    subject,
    key: { ...calls, accessKeyId, from, at: context.now(), isUndenied: isServiceLinked(role) },
    issued: issued.calls.filter(
      (record) =>
        /^AssumeRole/.test(record.eventName) && record.outcome === 'ok' && isPersons(record) && isBefore(from, record.at),
    ),
    denies,
    unread: [...unread, ...calls.incomplete, ...issued.incomplete],
  }
}

const readDenies = async (
  { role: { name }, region }: RoleSession,
  unread: Unread,
  context: Context,
): Promise<UneditableSeen['denies']> => {
  const { iam } = context.aws(region)
  const asked = {
    what: `whether the inline policies of ${name} deny older sessions`,
    operation: 'iam:ListRolePolicies or iam:GetRolePolicy',
    otherwise: 'unread' as const,
  }
  return readOr(unread, asked, async () => {
    try {
      const names = await iamPages(
        (Marker) => iam.send(new ListRolePoliciesCommand({ RoleName: name, Marker })),
        ({ PolicyNames }) => PolicyNames,
      )
      const policies = await Promise.all(
        names.items.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName }))),
      )
      return policies.flatMap(({ PolicyName = '', PolicyDocument }) =>
        statementsOf(decodePolicy(PolicyDocument)).flatMap((statement) => deniesOf(PolicyName, statement)),
      )
    } catch (error) {
      if (isNotFound(error)) return 'gone' as const
      throw error
    }
  })
}

/** A deny of everything on sessions from before a time: for everybody, or for one user. One with another condition may spare anybody. */
const deniesOf = (policyName: string, { Effect, Action, Resource, Condition = {} }: Statement): readonly ProvisionedDeny[] => {
  const reachesAll = Effect === 'Deny' && valuesOf(Action).includes('*') && valuesOf(Resource).includes('*')
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => ({ operator, key: key.toLowerCase(), values: valuesOf(value) })),
  )
  const time = conditions.find(({ operator, key }) => operator === 'DateLessThan' && key === 'aws:tokenissuetime')
  const user = conditions.find(({ operator, key }) => operator === 'StringEquals' && key === 'identitystore:userid')
  const cutoff = parseInstant(time?.values[0])
  const isKnown = conditions.every((one) => one === time || one === user)
  if (!reachesAll || !isKnown || cutoff === undefined || time?.values.length !== 1) return []
  return [{ policy: plainText(policyName), cutoff, ...(user ? { userId: plainText(user.values.join(' ')) } : {}) }]
}
