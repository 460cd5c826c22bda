import { Failure } from '../../../incident/values/failure.ts'
import { quoted } from '../../../incident/values/quoted.ts'

/** An event data store of CloudTrail Lake. */
export interface EventDataStore {
  readonly id: string
  /** Where it is, and whose it is: known when it was given by its ARN. */
  readonly region?: string
  readonly accountId?: string
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const STORE = new RegExp(`^(?:arn:aws[a-z-]*:cloudtrail:([a-z0-9-]+):(\\d{12}):eventdatastore/)?(${UUID})$`)

/** Reads the id or the ARN of an event data store. Throws a Failure of kind 'usage' for anything else. */
export const eventDataStoreIn = (text: string): EventDataStore => {
  const [, region, accountId, id] = STORE.exec(text) ?? []
  if (id) return { id, ...(region ? { region } : {}), ...(accountId ? { accountId } : {}) }
  throw new Failure({
    kind: 'usage',
    what: `${quoted(text)} is not an event data store of CloudTrail Lake`,
    why: 'it has the form of a UUID, or of an ARN that ends in one',
    remedy: 'aws cloudtrail list-event-data-stores names them; who has none uses --athena or --logs',
  })
}
