import { Failure } from '../../../incident/values/failure.ts'
import { arnOf, isAccountId, UUID } from '../../../incident/values/identifiers.ts'
import { quoted } from '../../../incident/values/quoted.ts'

/** An event data store of CloudTrail Lake. */
export interface EventDataStore {
  readonly id: string
  /** Where it is, and whose it is: known when it was given by its ARN. */
  readonly region?: string
  readonly accountId?: string
}

/** Reads the id or the ARN of an event data store. Throws a Failure of kind 'usage' for anything else. */
export const eventDataStoreIn = (text: string): EventDataStore => {
  if (UUID.test(text)) return { id: text }
  const arn = arnOf(text)
  const [, id = ''] = /^eventdatastore\/(.+)$/.exec(arn?.resource ?? '') ?? []
  if (arn?.service === 'cloudtrail' && arn.region !== '' && isAccountId(arn.accountId) && UUID.test(id))
    return { id, region: arn.region, accountId: arn.accountId }
  throw new Failure({
    kind: 'usage',
    what: `${quoted(text)} is not an event data store of CloudTrail Lake`,
    why: 'it has the form of a UUID, or of an ARN that ends in one',
    remedy: 'aws cloudtrail list-event-data-stores names them; who has none uses --athena or --logs',
  })
}
