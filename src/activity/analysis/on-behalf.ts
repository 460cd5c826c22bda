import { isIP } from 'node:net'
import { type Untrusted, untrusted } from '../../incident/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import type { Cell } from './cells.ts'
import { type ApiRow, apiRows } from './session.ts'
import { busiestFirst, sourceName, tally } from './tally.ts'

/** Calls that an AWS service made with the principal's rights, because the principal had asked the service for something. */
export interface OnBehalf {
  readonly service: Untrusted
  readonly succeeded: number
  readonly failed: number
  readonly apis: readonly ApiRow[]
}

/**
 * Calls in scope that services made on the principal's behalf: CloudTrail names the service as `invokedBy` or in the place
 * of the address ("CloudTrail userIdentity element"). They are consequences of the principal's calls, not calls from its place.
 */
export const callsOnBehalf = ({ scope }: Pick<Counted, 'scope'>): readonly OnBehalf[] => {
  const cells = [...scope]
  return busiestFirst(tally(cells, callingService)).map(([service, { succeeded, failed }]) => ({
    service: untrusted(service),
    succeeded,
    failed,
    apis: apiRows(cells.filter((cell) => callingService(cell) === service)),
  }))
}

/** The service that made the call; undefined when the principal did. */
export const callingService = (cell: Pick<Cell, 'origin'>): string | undefined => {
  const source = sourceName(cell)
  if (cell.origin.invokedBy) return cell.origin.invokedBy
  return isIP(source) === 0 && source !== 'unknown' ? source : undefined
}
