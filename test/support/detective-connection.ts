import { DetectiveClient } from '@aws-sdk/client-detective'
import { settle } from '../../src/aws/settle.ts'
import type { DetectiveConnection } from '../../src/investigation/enrichment/detective/connection.ts'
import { noonClock } from './noon.ts'

export const ADMINISTRATOR = '444455556666'
export const OWN = '111122223333'
export const graphOf = (account: string) => `arn:aws:detective:us-east-1:${account}:graph:4e6f81a3b5c7d9e0f1a2b3c4d7ab2c0d`
export const ROLE_ARN = `arn:aws:iam::${OWN}:role/service/web-app`

/** A connection at noon, in a time that passes only where somebody waits; its client is the one that a test has mocked. */
export const connectionLike = (
  parts: Partial<DetectiveConnection> = {},
): { connection: DetectiveConnection; progress: string[] } => {
  const clock = noonClock()
  const { signal } = new AbortController()
  const progress: string[] = []
  const credentials = { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x' }
  const connection: DetectiveConnection = {
    detective: new DetectiveClient({ region: 'us-east-1', credentials, maxAttempts: 1 }),
    region: 'us-east-1',
    partition: 'aws',
    now: clock.now,
    settle: (patience, look) => settle(look, { ...patience, clock, signal, between: async () => {} }),
    progress: (text) => void progress.push(text),
    waits: 900,
    ...parts,
  }
  return { connection, progress }
}
