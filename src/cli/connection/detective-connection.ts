import { settle } from '../../aws/settle.ts'
import { given } from '../../incident/values/given.ts'
import type { DetectiveConnection } from '../../investigation/enrichment/detective/connection.ts'
import type { AwsConnection } from './aws-connection.ts'

interface Asking {
  readonly region: string
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
  /** Seconds to wait for an investigation that is running. */
  readonly waits: number
}

/** What a command without a runbook asks Detective with. */
export const openDetective = (
  { aws, clock, setting }: AwsConnection,
  { region, signal, progress, waits }: Asking,
): DetectiveConnection => ({
  detective: aws(region).detective,
  region,
  partition: setting.partition,
  ...given({ profile: setting.detectiveProfile }),
  now: clock.now,
  settle: (patience, look) => settle(look, { ...patience, clock, signal, between: async () => {} }),
  progress,
  waits,
})
