import type { Request } from '../../incident/entry.ts'
import type { CallerAddress, InstanceRoleSession, Role, Subject } from '../../incident/facts/subject.ts'
import type { Incident } from '../../incident/incident.ts'
import { type Block, fields, type Line } from '../../incident/values/block.ts'
import { given } from '../../incident/values/given.ts'
import { roleOfArn } from '../../incident/values/identifiers.ts'
import { type Instant, isBefore } from '../../incident/values/instant.ts'
import type { Issuance } from '../../investigation/issuance.ts'
import { type Blocked, blocked, defineStage, established } from '../stage.ts'
import { callerMeaning, foreignCaller } from './identify-subject/caller-meaning.ts'
import { callerAddress } from './identify-subject/own-addresses.ts'
import { namedPrincipal } from './identify-subject/principal.ts'
import { findInstance, keyHistory, readRole } from './identify-subject/resources.ts'
import { sampleUsualUse } from './identify-subject/usual-use.ts'

/**
 * Identifies the compromised principal: account, role, session, stolen key, the instance it came from, and who called from where. Samples
 * the role's earlier calls for the finding's address, for at most 20 seconds and 24 pages of CloudTrail's event history.
 */
export const identifySubject = defineStage({
  id: 'identify-subject',
  phase: 'detect',
  title: 'Identify the subject',
  needs: ['finding'],
  establishes: 'subject',
  async assess(incident, context) {
    const { facts, earlier } = incident
    const { finding } = facts.finding
    const principal = namedPrincipal(finding)
    if ('status' in principal) return principal
    const role = await readRole(finding, principal, context)
    if ('status' in role) return role
    const other = otherRole(context.request, role)
    if (other) return other
    const located = await findInstance(principal.instanceId, finding, context)
    if ('status' in located) return located
    const keys = await keyHistory(principal, located.region, context)
    const addresses = await callerAddress(finding.action?.remote?.ip, located, context)
    const before = earlier.subject
    const caller = callerOf(before?.caller, addresses.caller)
    const issuedAt = keys.issuedAt ?? before?.issuedAt
    const theft = {
      addresses: caller.ip === undefined || caller.origin === 'instance' ? [] : [caller.ip],
      role,
      ...{ sessionName: principal.sessionName, accessKeyId: principal.accessKeyId, region: located.region },
      moments: [issuedAt, finding.firstSeen],
    }
    const usualUse = await sampleUsualUse(theft, context, before?.usualUse)
    return established<Subject>({
      accountId: finding.accountId,
      partition: finding.partition,
      region: located.region,
      role,
      ...principal,
      ...given({ issuedAt, delivery: keys.delivery ?? before?.delivery, usualUse }),
      earlierKeys: [...new Set([...(before?.earlierKeys ?? []), ...keysIssuedBefore(cutoffSoFar(incident), keys.issued)])],
      caller,
      ...{ addressRegions: addresses.addressRegions, addressGaps: addresses.addressGaps },
      ownAddresses: [...new Set([...(before?.ownAddresses ?? []), ...addresses.ownAddresses])],
    })
  },
  describe: (subject) => subjectBlocks(subject),
  changes: (before, now) => subjectChanges(before, now),
})

/** A role that was named by its ARN is not the finding's when the path is another one, although the name is the same. */
const otherRole = (request: Request, { arn }: Role): Blocked | undefined => {
  const named = request.by === 'role' && request.arn !== undefined ? roleOfArn(request.arn) : undefined
  const found = roleOfArn(arn)
  if (!named || !found || named.path === undefined || (named.roleName === found.roleName && named.path === found.path))
    return undefined
  return blocked(
    `you named the role ${request.by === 'role' ? request.arn : ''}, and the finding is about ${arn}`,
    'name the finding’s role by its own ARN, or by its name alone',
  )
}

/** The cut-off that this incident has set, if any: keys that EC2 issued after it are new. */
const cutoffSoFar = ({ earlier, intents }: Incident): Instant | undefined =>
  earlier.revocation?.cutoff ??
  intents.findLast(({ planned, outcome }) => planned.cutoff !== undefined && outcome !== 'refused')?.planned.cutoff

const keysIssuedBefore = (cutoff: Instant | undefined, issued: readonly Issuance[]): readonly string[] =>
  issued.filter(({ at }) => cutoff === undefined || isBefore(at, cutoff)).map(({ accessKeyId }) => accessKeyId)

/** An address that was the account's own at an earlier look stays so for calls from then: the restart gives it back to AWS. */
const callerOf = (before: CallerAddress | undefined, now: CallerAddress): CallerAddress =>
  before?.ip === now.ip && before && now.origin === 'foreign' ? before : now

const subjectChanges = (before: Subject, now: Subject): readonly Line[] => [
  ...(now.region === before.region ? [] : [`the instance is in ${now.region}, not in ${before.region}`]),
  ...(now.caller.origin === before.caller.origin
    ? []
    : [`the calls came from ${caller(now.caller, now.instanceId)}; before: ${caller(before.caller, before.instanceId)}`]),
]

const subjectBlocks = (subject: Subject): readonly Block[] => {
  switch (subject.kind) {
    case 'role-session':
      return [
        fields(
          ['role', `${subject.role.name} (${subject.role.id}), path ${subject.role.path}`],
          ['access key', subject.accessKeyId],
          ['instance', `${subject.instanceId} in ${subject.region}, according to the ${subject.instanceFrom}`],
          ['session', subject.principalId],
          ['issued', issued(subject)],
          ['caller', subject.caller.origin === 'foreign' ? foreignCaller(subject) : caller(subject.caller, subject.instanceId)],
          subject.role.description ? ['description', [subject.role.description]] : undefined,
        ),
        ...callerMeaning(subject),
      ]
  }
}

const issued = ({ issuedAt, delivery }: InstanceRoleSession): Line => {
  if (!issuedAt) return 'unknown: CloudTrail shows no call of this key (yet)'
  const how = delivery === '1.0' ? ', taken over IMDSv1' : delivery === '2.0' ? ', taken over IMDSv2' : ''
  return [{ at: issuedAt }, `${how} (CloudTrail)`]
}

const caller = ({ ip, origin, resource }: CallerAddress, instanceId: string): string => {
  switch (origin) {
    case 'instance':
      return `${ip}, the address of ${instanceId} itself`
    case 'nat-gateway':
      return `${ip}, your NAT gateway ${resource}`
    case 'elastic-ip':
      return `${ip}, an Elastic IP of this account${resource ? ` (${resource})` : ''}`
    case 'foreign':
      return `${ip}: not the instance’s own address, no NAT gateway and no Elastic IP of this account`
    case 'unknown':
      return 'the finding names no address'
  }
}
