import type { Request } from '../../incident/entry.ts'
import { type KeyIssue, principalWords, whyNotTheInstance } from '../../incident/facts/issue.ts'
import type { CallerAddress, InstanceRoleSession, Role, Subject } from '../../incident/facts/subject.ts'
import type { Incident } from '../../incident/incident.ts'
import { type Block, fields, type Line } from '../../incident/values/block.ts'
import { given } from '../../incident/values/given.ts'
import { roleOfArn } from '../../incident/values/identifiers.ts'
import { type Instant, isBefore } from '../../incident/values/instant.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { Issuance } from '../../investigation/issuance.ts'
import { type Blocked, blocked, type Context, defineStage, established } from '../stage.ts'
import { callerClues } from './identify-subject/caller.ts'
import { callerMeaning } from './identify-subject/caller-meaning.ts'
import { caller } from './identify-subject/caller-words.ts'
import { instanceOfIssue, issuedTo, type KeyRecords, keyRecords, knownIssue, profileHolding } from './identify-subject/issue.ts'
import { issueBlocks, issuedToLine } from './identify-subject/issue-words.ts'
import { callerAddress } from './identify-subject/own-addresses.ts'
import { namedPrincipal } from './identify-subject/principal.ts'
import { findInstance, issuedLately, type LocatedInstance, readRole } from './identify-subject/resources.ts'
import { sourcesOf } from './identify-subject/sources.ts'
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
    const records = await keyRecords(principal.accessKeyId, finding.region, context)
    const located = await findInstance(principal.instanceId, finding, context)
    if ('status' in located) return withIssuer(located, records)
    const before = earlier.subject
    const issue = knownIssue(before?.issue, await issueOf(records, located, role, finding.accountId, context))
    const issued = await issuedLately(principal, located.region, context)
    const addresses = await callerAddress(callerClues(finding, records.calls), located, context)
    const theirs = callerOf(before?.caller, addresses.caller)
    const issuedAt = records.calls.find((call) => call.issuedAt)?.issuedAt ?? records.record?.at ?? before?.issuedAt
    const theft = {
      addresses: addressesOfTheft(theirs),
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
      ...given({
        issuedAt,
        delivery: records.calls.find((call) => call.delivery)?.delivery ?? before?.delivery,
        usualUse,
      }),
      issuedTo: issue.to,
      issue,
      earlierKeys: [...new Set([...(before?.earlierKeys ?? []), ...keysIssuedBefore(cutoffSoFar(incident), issued)])],
      caller: theirs,
      ...{ addressRegions: addresses.addressRegions, addressGaps: addresses.addressGaps },
      ownAddresses: [...new Set([...(before?.ownAddresses ?? []), ...addresses.ownAddresses])],
    })
  },
  describe: (subject) => subjectBlocks(subject),
  changes: (before, now) => subjectChanges(before, now),
})

/** To whom the key was issued, whether the instance holds the role now, and with which credentials the key was obtained. */
const issueOf = async (
  records: KeyRecords,
  located: LocatedInstance,
  role: Role,
  accountId: string,
  context: Context,
): Promise<KeyIssue> => {
  const { record, regions } = records
  const to = issuedTo(records)
  const profile = await profileHolding(located, role, context)
  const followed =
    record && to.to !== 'ec2-instance'
      ? await sourcesOf(record, { accountId, region: located.region, regions, role }, context)
      : { sources: [], incomplete: [] }
  return { ...to, profile, ...followed, regions, incomplete: [...new Set([...records.incomplete, ...followed.incomplete])] }
}

/** Where EC2 does not have the instance: who obtained the key, if CloudTrail shows that it was not the instance. */
const withIssuer = (stop: Blocked, { record }: KeyRecords): Blocked => {
  if (!record || instanceOfIssue(record) !== undefined) return stop
  const by = untrusted(record.sessionArn ?? record.invokedBy ?? record.principalId ?? 'an unknown principal')
  return {
    ...stop,
    why: `${stop.why}. CloudTrail shows that ${principalWords(by)} obtained the key at ${record.at} (${record.eventName})`,
  }
}

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

/**
 * An address that was the account's own at an earlier look stays so for calls from then: the restart gives it back to AWS. Not where
 * something says by now that the call came from another account.
 */
const callerOf = (before: CallerAddress | undefined, now: CallerAddress): CallerAddress =>
  before?.ip !== undefined && before.ip === now.ip && now.origin === 'foreign' && !now.account ? before : now

/** The addresses that may be a way out of the account's: all but those of the instance itself. */
const addressesOfTheft = (theirs: CallerAddress): readonly string[] =>
  [theirs, ...(theirs.others ?? [])].flatMap(({ ip, origin }) => (ip === undefined || origin === 'instance' ? [] : [ip]))

const subjectChanges = (before: Subject, now: Subject): readonly Line[] => [
  ...(whyNotTheInstance(now) === undefined || whyNotTheInstance(before) !== undefined
    ? []
    : [`${now.instanceId} is left alone now`]),
  ...(now.region === before.region ? [] : [`the instance is in ${now.region}, not in ${before.region}`]),
  ...(now.caller.origin === before.caller.origin ? [] : [`the calls came from ${caller(now)}; before: ${caller(before)}`]),
]

const subjectBlocks = (subject: Subject): readonly Block[] => {
  switch (subject.kind) {
    case 'role-session':
      return [
        fields(
          ['role', `${subject.role.name} (${subject.role.id}), path ${subject.role.path}`],
          ['access key', subject.accessKeyId],
          ['issued to', issuedToLine(subject)],
          ['instance', `${subject.instanceId} in ${subject.region}, according to the ${subject.instanceFrom}`],
          ['session', subject.principalId],
          ['issued', issued(subject)],
          ['caller', caller(subject)],
          subject.role.description ? ['description', [subject.role.description]] : undefined,
        ),
        ...issueBlocks(subject),
        ...callerMeaning(subject),
      ]
  }
}

const issued = ({ issuedAt, delivery }: InstanceRoleSession): Line => {
  if (!issuedAt) return 'unknown: CloudTrail shows neither the issue nor a call of this key (yet)'
  const how = delivery === '1.0' ? ', taken over IMDSv1' : delivery === '2.0' ? ', taken over IMDSv2' : ''
  return [{ at: issuedAt }, `${how} (CloudTrail)`]
}
