import { randomBytes } from 'node:crypto'
import { sendOnce } from '../aws/send-once.ts'
import { settle } from '../aws/settle.ts'
import type { Request } from '../incident/entry.ts'
import type { EvidenceRef } from '../incident/evidence.ts'
import type { Readiness, World } from '../runbook/world.ts'
import type { Edge } from './edge.ts'

export interface Lending {
  readonly edge: Edge
  readonly request: Request
  readonly readiness: Omit<Readiness, 'sessionExpiresAt'>
  readonly keep: (name: string, content: unknown) => Promise<EvidenceRef>
  readonly proofWait: number
  readonly findingWait: number
  readonly dryRun: boolean
  readonly skip: readonly string[]
  readonly signal: AbortSignal
}

/** Puts together what the runbook is lent. */
export const createWorld = (lending: Lending): World => {
  const { edge, signal } = lending
  const { clock, licence } = edge
  return {
    ...lending,
    setting: edge.setting,
    readiness: { ...lending.readiness, ...(edge.sessionExpiresAt ? { sessionExpiresAt: edge.sessionExpiresAt } : {}) },
    responderAccessKeyId: edge.responderAccessKeyId,
    aws: edge.aws,
    regions: edge.regions,
    now: clock.now,
    settle: (patience, look, between) => settle(look, { ...patience, clock, signal, between }),
    // Not aborted half-way: a write that has left is waited for, so that its outcome is written down.
    sendOnce: (client, command) => sendOnce(client, command, licence, AbortSignal.timeout(WRITE_DEADLINE_MS)),
    nonce: () => randomBytes(8).toString('hex'),
  }
}

const WRITE_DEADLINE_MS = 30_000
