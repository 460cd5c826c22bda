import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../../src/incident/entry.ts'
import { type ReadJournal, readJournal } from '../../src/journal/read.ts'
import { type Forwarder, forwardTo } from './forwarder.ts'
import { type ServedAccount, serveAccount } from './served-account.ts'

/** One account, a wire to it, and the home of a responder who has seen nothing yet. */
export interface Place {
  readonly account: ServedAccount
  readonly wire: Forwarder
  readonly env: Record<string, string>
  /** Where the responder's incidents lie. */
  readonly root: string
}

/** Opens a place for one test, which leaves nothing running however it ends. */
export const withPlace = async (home: () => string, work: (place: Place) => Promise<void>): Promise<void> => {
  const account = await serveAccount(home())
  const wire = await forwardTo(account.endpoint)
  const own = home()
  try {
    await work({ account, wire, env: account.responderAt(own), root: join(own, '.local/state/ir-cred') })
  } finally {
    wire.close()
    await account.stop()
  }
}

/** The arguments of a response to the account's finding that nobody attends, over the wire. Without the wait for CloudTrail. */
export const responseTo = ({ account, wire }: Place): readonly string[] => [
  'respond',
  account.findingId,
  '--endpoint-url',
  wire.endpoint,
  ...UNATTENDED,
]

export const UNATTENDED = ['--yes', '--no-input', '--json', '--proof-wait', '0s']

export const incidentsIn = ({ root }: Place): readonly string[] => (existsSync(root) ? readdirSync(root) : [])

/** The only incident's journal, read as `ir-cred report` does. */
export const journalIn = async (place: Place): Promise<ReadJournal<Entry> & { readonly incident: string }> => {
  const [incident = '', ...others] = incidentsIn(place)
  if (others.length > 0) throw new Error(`There is more than one incident: ${others.join(', ')}`)
  return { incident, ...(await readJournal<Entry>(place.root, incident)) }
}
