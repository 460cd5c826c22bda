import type { RenewedWorkload } from '../../../incident/facts/renewal-fact.ts'
import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus, wholeSecond } from '../../../incident/values/instant.ts'
import { type Lookup, lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { trustTextOf } from '../close-access/trust.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { type Bearer, bearerOf, stolenWebIdentity } from './bearer.ts'
import { podSteps, webIdentitySteps } from './identity-steps.ts'
import { type SeeWorkloads, type WorkloadIncident, workloadRegions } from './workload.ts'

/**
 * What takes sessions of the role with a token of its own: pods, and other web identities. AWS restarts none of them, so that the commands
 * are named in their order, and CloudTrail is asked whether they had an effect: an issue of the role to the same service account, or to
 * another subject of the same provider, from after the cut-off.
 */
export const seeIdentities: SeeWorkloads = async (incident, context) => {
  const { subject, revocation } = incident.facts
  const unread: Unread = []
  const region = subject.issue?.record?.region ?? subject.region
  const stolen = stolenWebIdentity(subject) ?? (await stolenPods(incident, context))
  // The cut-off lies ahead of the deny: nothing that is issued before it counts.
  const isLater = isBefore(revocation.cutoff, context.now())
  const issued =
    context.dryRun || stolen === undefined || !isLater ? [] : await issuedSince(incident, revocation.cutoff, context, unread)
  const [own, same] = [issued.filter((one) => isRenewal(one, stolen)), issued.filter((one) => isSameSubject(one, stolen))]
  const workloads = newestOfEach(own).map((one) => workloadOf(one))
  const look = { incident, context, region, isDone: workloads.length > 0 }
  const byHand =
    stolen?.provider === undefined
      ? podSteps(stolen, look)
      : webIdentitySteps(stolen, await trustPolicy(incident, context, unread), look)
  const remarks = [
    'CloudTrail names who an issue was to, not which pod or machine holds it: whoever is in there takes new credentials too',
    ...(same.length > 0
      ? [
          `${same.length} ${same.length === 1 ? 'session was' : 'sessions were'} issued to the same subject since the cut-off. The stolen token has that subject too, so that this proves nothing`,
        ]
      : []),
    ...(workloads.length > 0 ? await oldInUse(incident, workloads, context) : []),
  ]
  return { renewal: { of: 'identities', workloads, byHand, remarks, unread: [...new Set(unread)] }, due: [] }
}

interface Issued {
  readonly bearer: Bearer
  readonly at: Instant
  readonly accessKeyId: string
  readonly region: string
}

const look = async (region: string, lookup: Lookup, context: Context) =>
  lookupEvents(context.aws(region).cloudtrail, region, lookup)

/** Whose session was stolen, as the record of its issue names the service account. */
const stolenPods = async ({ facts: { subject } }: WorkloadIncident, context: Context): Promise<Bearer | undefined> => {
  const record = subject.issue?.record
  if (record === undefined) return undefined
  const around = { from: plus(record.at, -MINUTE_SECONDS), until: plus(record.at, MINUTE_SECONDS) }
  const asked = { attribute: 'ResourceName' as const, value: subject.accessKeyId, ...around }
  const { records } = await look(record.region, asked, context)
  return records
    .filter(({ issuedAccessKeyId }) => issuedAccessKeyId === subject.accessKeyId)
    .flatMap((one) => bearerOf(one) ?? [])[0]
}

/** The issues of the role to bearers since the cut-off, newest first. */
const issuedSince = async (
  { facts: { subject } }: WorkloadIncident,
  cutoff: Instant,
  context: Context,
  unread: Unread,
): Promise<readonly Issued[]> => {
  const found: Issued[] = []
  for (const region of workloadRegions(subject)) {
    const asked = { attribute: 'ResourceName' as const, value: subject.role.arn, from: cutoff, until: context.now() }
    const { records, incomplete } = await look(region, asked, context)
    unread.push(...incomplete)
    for (const record of records) {
      const bearer = record.outcome === 'ok' && !isBefore(record.at, cutoff) ? bearerOf(record) : undefined
      const { issuedAccessKeyId: accessKeyId, at } = record
      if (bearer && accessKeyId !== undefined) found.push({ bearer, at, accessKeyId, region })
    }
  }
  return found
}

/** A web identity is another one than the stolen token's; a pod's association is the same. */
const isRenewal = ({ bearer }: Issued, stolen: Bearer | undefined): boolean =>
  stolen?.provider === undefined ? bearer.id === stolen?.id : bearer.provider === stolen.provider && bearer.id !== stolen.id

const isSameSubject = ({ bearer }: Issued, stolen: Bearer | undefined): boolean =>
  stolen?.provider !== undefined && bearer.id === stolen.id

const newestOfEach = (issued: readonly Issued[]): readonly Issued[] =>
  issued.filter(({ bearer }, index) => issued.findIndex((one) => one.bearer.id === bearer.id) === index)

const workloadOf = ({ bearer, at, accessKeyId, region }: Issued): RenewedWorkload => ({
  ...{ kind: 'identity', name: bearer.words, region, state: 'renewed', changedAt: at },
  ...{ sessions: [], accessKeyId, own: true },
})

/** That the stolen set, which the workload holds too, is still used. Who uses it is not said. */
const oldInUse = async (
  { facts: { subject } }: WorkloadIncident,
  workloads: readonly RenewedWorkload[],
  context: Context,
): Promise<readonly string[]> => {
  const from = workloads.map(({ changedAt }) => changedAt).reduce((a, b) => (isBefore(a, b) ? a : b))
  const asked = { attribute: 'AccessKeyId' as const, value: subject.accessKeyId, from, until: context.now() }
  for (const region of workloadRegions(subject)) {
    const [last] = (await look(region, asked, context)).records
    if (last)
      return [
        `the old credentials are still in use, by the attacker or by what was not renewed: ${subject.accessKeyId} called at ${wholeSecond(last.at)}`,
      ]
  }
  return []
}

const trustPolicy = ({ facts: { subject } }: WorkloadIncident, context: Context, unread: Unread): Promise<string | undefined> => {
  const { role, region } = subject
  const asked = { what: `who role ${role.name} trusts`, operation: 'iam:GetRole', otherwise: undefined }
  return readOr(unread, asked, () => trustTextOf(role.name, region, context))
}
