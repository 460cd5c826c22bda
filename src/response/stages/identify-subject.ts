import type { Request } from '../../incident/entry.ts'
import { type KeyIssue, principalWords } from '../../incident/facts/issue.ts'
import {
  type CallerAddress,
  holderOf,
  type Role,
  type RoleSession,
  type Subject,
  type SubjectHolder,
} from '../../incident/facts/subject.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import type { Incident, IncidentWith } from '../../incident/incident.ts'
import { given } from '../../incident/values/given.ts'
import { roleOfArn } from '../../incident/values/identifiers.ts'
import { type Instant, isBefore } from '../../incident/values/instant.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { Issuance } from '../../investigation/issuance.ts'
import { sessionOfCall } from '../../investigation/key-session.ts'
import { type Blocked, blocked, type Context, defineStage, established } from '../stage.ts'
import { readBroker } from './identify-subject/broker.ts'
import { callerClues } from './identify-subject/caller.ts'
import { callerMeaning } from './identify-subject/caller-meaning.ts'
import { instanceOfIssue, issuedTo, type KeyRecords, keyRecords, knownIssue, profileHolding } from './identify-subject/issue.ts'
import { callerAddress } from './identify-subject/own-addresses.ts'
import { namedPrincipal } from './identify-subject/principal.ts'
import { findInstance, issuedLately, type LocatedInstance, readRole, readUser } from './identify-subject/resources.ts'
import { sourcesOf } from './identify-subject/sources.ts'
import { firstBlocks, originBlocks, subjectBlocks, subjectChanges } from './identify-subject/subject-words.ts'
import { sampleUsualUse } from './identify-subject/usual-use.ts'

/**
 * Identifies the compromised principal: account, role, session and stolen key, as the finding names them and IAM has the role. Beside what
 * follows: the instance it came from, who the key was issued to, who called from where; and, for at most 20 seconds and 24 pages of
 * CloudTrail's event history, whether the role called from there before; with `--athena` or `--lake` one query counts that instead, for at
 * most 60 seconds.
 */
export const identifySubject = defineStage({
  id: 'identify-subject',
  phase: 'detect',
  title: 'Identify the subject',
  needs: ['finding'],
  establishes: 'subject',
  async assess({ facts, earlier: { subject: before } }, context) {
    const { finding } = facts.finding
    const named = namedPrincipal(finding)
    if ('status' in named) return named
    const principal = named.kind === 'federated' ? await readBroker(named, finding, before, context) : named
    if ('status' in principal) return principal
    const place = { accountId: finding.accountId, partition: finding.partition, region: before?.region ?? finding.region }
    if (principal.kind !== 'role-session') {
      const user = await readUser(finding, principal, context)
      if ('status' in user) return user
      const { kind, accessKeyId, principalId } = principal
      const { issuedTo: _, delivery: __, ...unread } = notReadYet(before, finding.region)
      const federatedName = named.kind === 'federated' ? untrusted(named.federatedName) : undefined
      return established<Subject>({ ...place, kind, accessKeyId, principalId, user, ...given({ federatedName }), ...unread })
    }
    const role = await readRole(finding, principal, context)
    if ('status' in role) return role
    const other = otherRole(context.request, role)
    if (other) return other
    return established<Subject>({
      ...place,
      role,
      ...principal,
      ...notReadYet(before, finding.region),
    })
  },
  beside: {
    describe: firstBlocks,
    readings: [
      {
        what: 'who the key was issued to, the instance, and the account’s own addresses',
        before: 'close-access',
        read: (incident, context) => readOrigin(incident, context),
        describe: originBlocks,
      },
      {
        what: 'how the role was used before the theft',
        before: 'investigate-session',
        read: (incident, context) => readUsualUse(incident, context),
        describe: (subject) => callerMeaning(subject),
      },
    ],
  },
  describe: (subject) => subjectBlocks(subject),
  changes: (before, now) => subjectChanges(before, now),
})

/** What stands in the fact until it is read: what an earlier run knew, or that it is not known. */
const notReadYet = (before: Subject | undefined, region: string): Pick<RoleSession, ReadBeside> => {
  const issue: KeyIssue = before?.issue ?? {
    ...{ to: 'unknown', knownBy: 'nothing', sources: [], regions: [region] },
    profile: { holds: 'unknown', why: 'it is not read yet' },
    incomplete: ['CloudTrail is not read yet'],
  }
  const { issuedAt, usualUse, addressRegions, addressGaps } = before ?? {}
  const delivery = before?.kind === 'role-session' ? before.delivery : undefined
  return {
    issue,
    issuedTo: issue.to,
    earlierKeys: before?.earlierKeys ?? [],
    caller: before?.caller ?? { origin: 'unknown' },
    ownAddresses: before?.ownAddresses ?? [],
    ...given({ issuedAt, delivery, usualUse, addressRegions, addressGaps }),
  }
}

type ReadBeside =
  | 'issue'
  | 'issuedTo'
  | 'issuedAt'
  | 'delivery'
  | 'earlierKeys'
  | 'caller'
  | 'ownAddresses'
  | 'addressRegions'
  | 'addressGaps'
  | 'usualUse'

type Identified = IncidentWith<'finding' | 'subject'>

/** The instance, who the key was issued to, and from where it was used. */
const readOrigin = async (incident: Identified, context: Context): Promise<(subject: Subject) => Subject> => {
  const { facts, earlier } = incident
  const { finding } = facts.finding
  const principal = facts.subject
  const before = earlier.subject
  const [records, located, issued] = await Promise.all([
    keyRecords(principal.accessKeyId, finding.region, context),
    principal.instanceId === undefined ? withoutInstance(finding) : findInstance(principal.instanceId, finding, context),
    principal.instanceId === undefined ? [] : issuedLately(principal.instanceId, finding.region, context),
  ])
  const [own, addresses] = await Promise.all([
    issueOf(
      records,
      { located, role: holderOf(principal), accountId: finding.accountId, deniesAll: incident.revoke !== 'session' },
      context,
    ),
    callerAddress(callerClues(finding, records.calls), located, context),
  ])
  const issue = knownIssue(before?.issue, own)
  const theirs = callerOf(before?.caller, addresses.caller)
  const issuedAt = records.calls.find((call) => call.issuedAt)?.issuedAt ?? records.record?.at ?? before?.issuedAt
  const delivery =
    records.calls.find((call) => call.delivery)?.delivery ?? (before?.kind === 'role-session' ? before.delivery : undefined)
  // Records that cannot be read this time take back nothing.
  const disputed = records.calls.length > 0 ? disputedBy(records.calls, principal) : before?.disputed
  return (subject) => {
    const common = {
      ...{ region: located.region, issue, caller: theirs },
      ...{ addressRegions: addresses.addressRegions, addressGaps: addresses.addressGaps },
      ownAddresses: [...new Set([...subject.ownAddresses, ...addresses.ownAddresses])],
    }
    if (subject.kind !== 'role-session') return { ...subject, ...common, ...given({ issuedAt: issuedAt ?? subject.issuedAt }) }
    const { missing: _, issuedAt: __, delivery: ___, disputed: ____, ...rest } = subject
    return {
      ...rest,
      ...common,
      issuedTo: issue.to,
      earlierKeys: [...new Set([...subject.earlierKeys, ...keysIssuedBefore(cutoffSoFar(incident), issued)])],
      ...given({ issuedAt, delivery, disputed, missing: missingOf(principal, located, records) }),
    }
  }
}

/** What speaks against the session that was named: a call of the key in another one, of which AWS wrote the record. */
const disputedBy = (
  calls: KeyRecords['calls'],
  { accessKeyId, principalId }: Pick<Subject, 'accessKeyId' | 'principalId'>,
): string | undefined => {
  const other = calls.map(sessionOfCall).find((session) => session !== undefined && session.principalId !== principalId)
  return (
    other &&
    `the finding says that ${accessKeyId} belongs to ${principalId}; CloudTrail’s records of its calls say ${other.principalId} of ${other.roleName} in account ${other.accountId}`
  )
}

/** Whether the role called from the addresses of the theft before. */
const readUsualUse = async (
  { facts: { finding, subject }, earlier }: Identified,
  context: Context,
): Promise<(subject: Subject) => Subject> => {
  // What a user called before is in the trace: the sample is of the sessions of a role.
  if (subject.kind !== 'role-session') return (unchanged) => unchanged
  const { role, sessionName, accessKeyId, region, caller: theirs, issuedAt } = subject
  const theft = {
    addresses: addressesOfTheft(theirs),
    ...{ role, sessionName, accessKeyId, region },
    moments: [issuedAt, finding.finding.firstSeen],
  }
  const usualUse = await sampleUsualUse(theft, context, earlier.subject?.usualUse)
  return ({ usualUse: _, ...rest }) => ({ ...rest, ...given({ usualUse }) })
}

/** Who the key was issued to, whether the instance holds the role now, and with which credentials the key was obtained. */
const issueOf = async (
  records: KeyRecords,
  of: {
    readonly located: LocatedInstance
    readonly role: SubjectHolder
    readonly accountId: string
    readonly deniesAll: boolean
  },
  context: Context,
): Promise<KeyIssue> => {
  const { located, role, accountId, deniesAll } = of
  const { record, regions } = records
  const to = issuedTo(records)
  const profile = await profileHolding(located, role, context)
  const followed =
    record && to.to !== 'ec2-instance'
      ? await sourcesOf(record, { accountId, region: located.region, regions, role, deniesAll }, context)
      : { sources: [], incomplete: [] }
  return { ...to, profile, ...followed, regions, incomplete: [...new Set([...records.incomplete, ...followed.incomplete])] }
}

/** A session that no instance is named for: where its calls are looked for. */
const withoutInstance = ({ region }: Finding): LocatedInstance => ({
  region,
  missing: 'the session is not named after an instance',
})

const missingOf = (
  { instanceId }: Pick<Subject, 'instanceId'>,
  { missing }: LocatedInstance,
  records: KeyRecords,
): string | undefined => (instanceId === undefined || missing === undefined ? undefined : withIssuer(missing, records))

/** Where EC2 does not have the instance: who obtained the key, if CloudTrail shows that it was not the instance. */
const withIssuer = (missing: string, { record }: KeyRecords): string => {
  if (!record || instanceOfIssue(record) !== undefined) return missing
  const by = untrusted(record.sessionArn ?? record.invokedBy ?? record.principalId ?? 'an unknown principal')
  return `${missing}. CloudTrail shows that ${principalWords(by)} obtained the key at ${record.at} (${record.eventName})`
}

/** A role that was named by its ARN is not the finding's when the path is another one, although the name is the same. */
const otherRole = (request: Request, { arn, unread }: Role): Blocked | undefined => {
  // Names are unique in an account: without the path, the name decides.
  if (unread !== undefined) return undefined
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
