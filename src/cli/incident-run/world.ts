import { randomBytes } from 'node:crypto'
import { openOrganizations } from '../../aws/open-clients.ts'
import { sendOnce } from '../../aws/send-once.ts'
import { settle } from '../../aws/settle.ts'
import type { Request } from '../../incident/entry.ts'
import type { AddressLookup } from '../../incident/facts/activity.ts'
import type { RemoteAddress } from '../../incident/finding/finding.ts'
import { addressLookupOf, openGeography } from '../../investigation/geography/geography.ts'
import type { Readiness, World } from '../../response/world.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import type { EvidenceKeeper } from './evidence-store.ts'

export interface ConnectionConfig extends EvidenceKeeper {
  readonly connection: AwsConnection
  readonly request: Request
  readonly readiness: Omit<Readiness, 'sessionExpiresAt'>
  readonly proofWait: number
  readonly findingWait: number
  readonly dryRun: boolean
  readonly skip: readonly string[]
  readonly signal: AbortSignal
}

/** Puts together what the runbook is lent. */
export const createWorld = (connectionConfig: ConnectionConfig): World => {
  const { connection, signal } = connectionConfig
  const { clock, writeGate } = connection
  return {
    ...connectionConfig,
    setting: connection.setting,
    readiness: {
      ...connectionConfig.readiness,
      ...(connection.sessionExpiresAt ? { sessionExpiresAt: connection.sessionExpiresAt } : {}),
    },
    responderAccessKeyId: connection.responderAccessKeyId,
    aws: connection.aws,
    regions: connection.regions,
    now: clock.now,
    settle: (patience, look, between) => settle(look, { ...patience, clock, signal, between }),
    // Not aborted half-way: a write that has left is waited for, so that its outcome is written down.
    sendOnce: (client, command, journalHead) =>
      sendOnce(client, command, { writeGate, abortSignal: AbortSignal.timeout(WRITE_DEADLINE_MS), journalHead }),
    organizations: () => openOrganizations(connection.setting.region, connection.clientConfig),
    places: placesKnown,
    nonce: () => randomBytes(8).toString('hex'),
  }
}

/** Where addresses are, by GuardDuty's own words and by the database that npm may have installed. */
const placesKnown = async (known: readonly RemoteAddress[]): Promise<AddressLookup> =>
  addressLookupOf(await openGeography({ known }))

const WRITE_DEADLINE_MS = 30_000
