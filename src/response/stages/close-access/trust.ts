import { GetRoleCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { emptyAnswer } from '../../../aws/failure.ts'
import { plainPolicy } from '../../../aws/policy-document.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import { sourceId } from '../../../incident/facts/access.ts'
import type { EvidenceRef } from '../../../incident/facts/evidence.ts'
import type { SourceCredential } from '../../../incident/facts/issue.ts'
import type { RoleSession } from '../../../incident/facts/subject.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import { given } from '../../../incident/values/given.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { letsIn, type TrustedCaller, trustedCaller, withRefusal } from './trust-policy.ts'
import { type Closing, closedAt, type FoundWay, refusedNow } from './way.ts'

const OPERATION = 'iam:UpdateAssumeRolePolicy'

/** The identity outside of the account's users and roles that took the session, as the role's trust policy may still let it in. */
export const trustWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const { subject } = incident.facts
  const [source] = subject.issue?.sources ?? []
  const caller = source && trustedCaller(source, subject.partition)
  if (subject.kind !== 'role-session' || !source || !caller) return []
  const { role, region } = subject
  const unread: Unread = []
  const asked = {
    what: `whether the trust policy of role ${role.name} lets it in`,
    operation: 'iam:GetRole',
    otherwise: undefined,
  }
  const document = await readOr(unread, asked, () => trustTextOf(role.name, region, context))
  const way = { kind: 'trust' as const, resource: role.arn, what: identityWords(caller), source: sourceId(source) }
  if (document === undefined) return [{ way: { ...way, state: 'unknown', says: unread.join('; ') } }]
  if (!letsIn(document, caller)) {
    const at = closedAt(incident, way, OPERATION, context.now())
    return [
      { way: { ...way, ...at, state: 'closed', says: `is refused by the trust policy, as it was read back${remains(source)}` } },
    ]
  }
  return [openTrust(incident, { subject, source, caller, document, way }, context)]
}

/** What no policy of this account reaches. */
const remains = ({ kind, accountId, sharedEventId }: SourceCredential): string => {
  if (kind !== 'other-account') return ''
  const named = sharedEventId === undefined ? '' : ` (sharedEventID ${sharedEventId} names the call in its trail)`
  return `; tell the owner of account ${accountId ?? 'unknown'} that the key there is stolen${named}`
}

interface OpenTrust {
  readonly subject: RoleSession
  readonly source: SourceCredential
  readonly caller: TrustedCaller
  readonly document: string
  readonly way: Pick<FoundWay['way'], 'kind' | 'resource' | 'what' | 'source'>
}

const openTrust = (incident: Closing, open: OpenTrust, context: Context): FoundWay => {
  const { subject, caller, document, way } = open
  const { role, region } = subject
  const aws = awsCommandFor(context.setting)
  const narrowed = withRefusal(document, caller)
  const refused = refusedNow(incident, OPERATION, role.arn)
  const command =
    narrowed && aws(`iam update-assume-role-policy --role-name ${shellWord(role.name)} --policy-document ${shellWord(narrowed)}`)
  const says = refused ? `may take new sessions: AWS refused ${OPERATION} (${refused})` : 'may take new sessions (trust policy)'
  const found = { ...way, state: 'open' as const, says, ...given({ command }) }
  if (narrowed === undefined || refused !== undefined) return { way: found }
  return {
    way: found,
    closing: {
      effects: [trustEffect(open, narrowed)],
      close: async (within) => {
        const prior = await within.keep(`prior-trust-policy-${role.name}`, document)
        // Evidence is kept without what looks like a secret: only a document that was kept as it is can be put back.
        const isWhole = (await within.recall(prior)) === document
        const effect = trustEffect(open, narrowed, isWhole ? prior : undefined, within)
        await within.write(
          within.aws(region).iam,
          new UpdateAssumeRolePolicyCommand({ RoleName: role.name, PolicyDocument: narrowed }),
          effect,
          { planned: given({ priorDocument: isWhole ? prior : undefined }) },
        )
      },
    },
  }
}

const trustEffect = (
  { subject: { role }, caller }: OpenTrust,
  narrowed: string,
  prior?: EvidenceRef,
  context?: Context,
): Effect => {
  const statements: unknown = JSON.parse(narrowed)
  const undoCommand =
    prior &&
    context &&
    awsCommandFor(context.setting)(
      `iam update-assume-role-policy --role-name ${shellWord(role.name)} --policy-document ${shellWord(`file://${prior.file}`)}`,
    )
  return {
    operation: OPERATION,
    resource: role.arn,
    parameters: { RoleName: role.name, PolicyDocument: statements },
    sentence: `refuse ${identityWords(caller)} in the trust policy of role ${role.name}, by a statement added at its end`,
    cost: costOf(caller),
    undo: `put the earlier trust policy back${prior ? `, which is kept in ${prior.file}` : ''}, once ${caller.under === 'AWS' ? 'its owner has replaced the stolen key' : 'the stolen token has expired'}`,
    ...given({ undoCommand }),
  }
}

const costOf = ({ under, action }: TrustedCaller): string => {
  if (under === 'AWS')
    return 'whatever the owner of that account runs with this principal gets no sessions of the role any more: tell the owner'
  if (action === 'sts:AssumeRoleWithSAML') return 'the person gets no sessions of the role any more, wherever the person signs in'
  return 'the workload with the same subject gets no sessions of the role any more: give it another service account or subject, which the trust policy names'
}

const identityWords = ({ under, principal, value, action }: TrustedCaller): string => {
  if (under === 'AWS') return `principal ${delimited(value)} of account ${principal.split(':')[4] ?? 'unknown'}`
  const kind = action === 'sts:AssumeRoleWithSAML' ? 'SAML subject' : 'subject'
  return `${kind} ${delimited(value)} of ${delimited(principal)}`
}

/** The role's trust policy, decoded. A failed read is an error, never "no policy". */
export const trustTextOf = async (roleName: string, region: string, context: Context): Promise<string> => {
  const { Role } = await context.aws(region).iam.send(new GetRoleCommand({ RoleName: roleName }))
  if (Role?.AssumeRolePolicyDocument === undefined) throw emptyAnswer('iam:GetRole', 'a trust policy')
  return plainPolicy(Role.AssumeRolePolicyDocument)
}
