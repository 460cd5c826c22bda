import type { AwsClients } from '../../src/aws/clients.ts'
import { settle } from '../../src/aws/settle.ts'
import { evidenceStoreInMemory } from '../../src/cli/incident-run/evidence-store.ts'
import type { Effect, Planned, Setting } from '../../src/incident/entry.ts'
import type { EvidenceRef } from '../../src/incident/facts/evidence.ts'
import type { FactName, Facts } from '../../src/incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../src/incident/facts/subject.ts'
import { emptyIncident, type Incident, type IncidentWith } from '../../src/incident/incident.ts'
import type { Instant } from '../../src/incident/values/instant.ts'
import { wholeFact } from '../../src/response/beside.ts'
import type { Assessment, Context, Stage } from '../../src/response/stage.ts'
import { noonClock } from './noon.ts'

/** The SDK's constructors of the clients that a test needs: those that it has mocked. */
type Constructors = { readonly [S in keyof AwsClients]?: new (settings: Settings) => AwsClients[S] }

interface Settings {
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly maxAttempts: number
}

const clientsIn = (region: string, constructors: Constructors): AwsClients => {
  const credentials = { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x' }
  const opened = Object.entries(constructors).map(([name, Client]) => [name, new Client({ region, credentials, maxAttempts: 1 })])
  return Object.fromEntries(opened) as AwsClients
}

/** The journal's head that every write of such a context carries. */
export const JOURNAL_HEAD = '0123456789abcdef'

/** Where a stage runs unless a test says otherwise: a live account, and a responder from outside of it. */
export const LIVE: Setting = {
  accountId: '111122223333',
  partition: 'aws',
  region: 'us-east-1',
  responderArn: 'arn:aws:sts::111122223333:assumed-role/ir/alice',
  responderUserId: 'AROAIR:alice',
  simulated: false,
}

/** What a stage was lent, and what it did with it. */
export interface LentContext {
  readonly context: Context
  readonly kept: readonly { readonly name: string; readonly content: unknown }[]
  readonly checkpoints: readonly { readonly cursor: unknown; readonly ref: EvidenceRef }[]
  readonly progress: readonly string[]
  readonly written: readonly { readonly effect: Effect; readonly planned?: Planned }[]
}

const lend = (constructors: Constructors, parts: Partial<Context>): LentContext => {
  const clock = noonClock()
  const signal = new AbortController().signal
  const { keep, kept, recall } = evidenceStoreInMemory()
  const checkpoints: { cursor: unknown; ref: EvidenceRef }[] = []
  const progress: string[] = []
  const written: { effect: Effect; planned?: Planned }[] = []
  const clients = new Map<string, AwsClients>()
  const context: Context = {
    request: { by: 'list' },
    aws: (region) => {
      const found = clients.get(region) ?? clientsIn(region, constructors)
      clients.set(region, found)
      return found
    },
    setting: LIVE,
    regions: ['us-east-1'],
    get likelyRegions() {
      return context.regions
    },
    regionsKnown: async () => context.regions,
    ...{ clock, now: clock.now },
    settle: (patience, look) => settle(look, { ...patience, clock, signal, between: async () => {} }),
    write: async (client, command, effect, { planned } = {}) => {
      written.push({ effect, ...(planned ? { planned } : {}) })
      const built = typeof command === 'function' ? command(JOURNAL_HEAD) : command
      return (await client.send(built as never)) as never
    },
    keep,
    recall,
    checkpoint: async (cursor, content) => void checkpoints.push({ cursor, ref: await keep('checkpoint', content) }),
    organizations: async () => (context.aws('us-east-1') as unknown as { organizations: never }).organizations,
    places: async () => ({ locate: () => undefined, source: 'Nobody knows where addresses are.', incomplete: () => [] }),
    choose: async () => undefined,
    ask: async () => undefined,
    progress: (text) => void progress.push(text),
    proofWait: 0,
    findingWait: 0,
    dryRun: false,
    responderAccessKeyId: 'ASIARESPONDER0000000',
    nonce: () => 'nonce-1',
    signal,
    ...parts,
  }
  return { context, kept, checkpoints, progress, written }
}

/**
 * Contexts around clients that a test has mocked: at noon, where time passes only while somebody waits. `contextLike` gives
 * the context alone, for what only looks.
 */
export const contextsOf = (constructors: Constructors = {}) => ({
  lentContext: (parts: Partial<Context> = {}): LentContext => lend(constructors, parts),
  contextLike: (parts: Partial<Context> = {}): Context => lend(constructors, parts).context,
})

/** A compromised session of an instance's role. */
export const subjectLike = (parts: Partial<InstanceRoleSession> = {}): InstanceRoleSession => ({
  kind: 'role-session',
  issuedTo: 'ec2-instance',
  roleName: 'web-app',
  roleId: 'AROAXCSEC6TNB2WZPQ7LK',
  accountId: '111122223333',
  partition: 'aws',
  region: 'us-east-1',
  role: {
    name: 'web-app',
    id: 'AROAXCSEC6TNB2WZPQ7LK',
    arn: 'arn:aws:iam::111122223333:role/service/web-app',
    path: '/service/',
    createdAt: '2025-10-01T00:00:00Z' as Instant,
    tags: [],
  },
  accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO',
  sessionName: 'i-08faaaafb15777f5a',
  principalId: 'AROAXCSEC6TNB2WZPQ7LK:i-08faaaafb15777f5a',
  instanceId: 'i-08faaaafb15777f5a',
  instanceFrom: 'principal id',
  caller: { ip: '198.51.100.23', origin: 'foreign' },
  ownAddresses: ['203.0.113.20', '10.0.1.20'],
  earlierKeys: ['ASIAXCSEC6TN3WQJ5KVD'],
  ...parts,
})

/** An incident in which these facts are known, opened ten minutes before noon. */
export const incidentWith = <N extends FactName>(
  facts: { readonly [F in N]: Facts[F] },
  parts: Partial<Incident> = {},
): IncidentWith<N> => ({
  ...emptyIncident,
  id: 'web-app-1125-7f3a',
  openedAt: '2026-11-25T11:50:00Z' as Instant,
  ...parts,
  facts,
})

/** What a stage sees, given these facts; with all that is read beside its fact. */
export const assessed = async <P extends FactName, N extends FactName>(
  stage: Stage<P, N>,
  facts: { readonly [F in N]: Facts[F] } & Partial<Facts>,
  context: Context,
  parts: Partial<Incident> = {},
): Promise<Assessment<Facts[P]>> => {
  const incident = incidentWith<N>(facts, parts)
  const assessment = await stage.assess(incident, context)
  if (assessment.status !== 'established' || stage.readings.length === 0) return assessment
  return { status: 'established', fact: (await wholeFact(stage, assessment.fact, incident, context)) as Facts[P] }
}

/** The fact of an assessment that established one. */
export const factOf = <F>(assessment: Assessment<F>): F => {
  if (assessment.status === 'established') return assessment.fact
  throw new Error(`it is ${assessment.status}: ${'why' in assessment ? assessment.why : ''}`)
}

/** An error of AWS as the SDK throws it. */
export const awsError = (name: string, httpStatusCode = 400): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } })
