import type { TimelineRow } from '../../../src/investigation/timeline/row.ts'
import { type Call, instant } from '../analysis/records.ts'

let made = 0

/** A row of a call; all that is not said is as usual. */
export const rowLike = ({
  at = '2026-03-01T12:00:00Z',
  ...parts
}: Partial<Omit<TimelineRow, 'at'>> & Pick<Call, 'at'> = {}): TimelineRow => {
  made += 1
  return {
    ...{ at: instant(at), kind: 'call', what: 'API call', action: 's3:ListBuckets', address: '198.51.100.7' },
    ...{ userAgent: 'aws-cli/2.15.0', outcome: 'ok', region: 'eu-west-1', accountId: '111122223333' },
    ...{
      accessKeyId: 'ASIASTOLENKEY0000001',
      depth: 0,
      id: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
      isRead: true,
    },
    ...parts,
  }
}
