import { randomBytes } from 'node:crypto'
import { openOrganizations } from '../../aws/open-clients.ts'
import { sendOnce, setClockByRead } from '../../aws/send-once.ts'
import { settle } from '../../aws/settle.ts'
import { given } from '../../incident/values/given.ts'
import { addressLookupOf, openGeography } from '../../investigation/geography/geography.ts'
import type { World } from '../../response/world.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import type { EvidenceKeeper } from './evidence-store.ts'

/** What the runbook works with besides AWS: what was asked for, a place for evidence, and for how long to wait. */
export interface WorldParts
  extends EvidenceKeeper,
    Pick<World, 'request' | 'readiness' | 'proofWait' | 'findingWait' | 'dryRun' | 'skip' | 'signal' | 'history'> {
  readonly connection: AwsConnection
}

/** Everything outside that the runbook works with. */
export const createWorld = ({ connection, readiness, signal, ...parts }: WorldParts): World => {
  const { aws, clock, writeGate, setting, signInAgain } = connection
  const requestsSent = () => connection.clientConfig.requestCount?.sent ?? 0
  return {
    ...parts,
    ...{ signal, setting, aws },
    ...given({ signInAgain }),
    // They may be asked for while a run has begun.
    get regions() {
      return connection.regions
    },
    likelyRegions: connection.likelyRegions ?? connection.regions,
    get regionsNote() {
      return connection.regionsNote
    },
    regionsKnown: async () => {
      await connection.regionsKnown
      return connection.regions
    },
    // Somebody may sign in again during the run.
    get responderAccessKeyId() {
      return connection.responderAccessKeyId
    },
    get readiness() {
      return { ...readiness, ...given({ sessionExpiresAt: connection.sessionExpiresAt }) }
    },
    ...{ clock, now: clock.now },
    settle: (patience, look, between) => settle(look, { ...patience, clock, signal, between, requestsSent }),
    // Not aborted half-way: the outcome of a write that was sent is waited for and written down.
    sendOnce: (client, command, journalHead) =>
      sendOnce(client, command, { writeGate, abortSignal: AbortSignal.timeout(WRITE_DEADLINE_MS), journalHead }),
    setClock: () => setClockByRead(aws(setting.region).sts),
    organizations: () => openOrganizations(setting.region, connection.clientConfig),
    // By GuardDuty's own words, and by the database that npm may have installed.
    places: async (known) => addressLookupOf(await openGeography({ known })),
    nonce: () => randomBytes(8).toString('hex'),
  }
}

const WRITE_DEADLINE_MS = 30_000
