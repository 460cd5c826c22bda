import { Failure } from '../../incident/values/failure.ts'
import { quotedPath } from '../../incident/values/quoted.ts'
import { decodeUtf8 } from '../../incident/values/strict-json.ts'
import type { AccountInventory } from '../../investigation/enrichment/account-inventory.ts'
import { type FileHost, readNamedFile, Unreadable } from '../named-file.ts'

/**
 * Reads the responder's own list of accounts, `--accounts <file>`: CSV or JSON, told apart by what is in it. The code that reads
 * CSV is loaded only here. Throws Failure usage for a file that cannot be read, or that cannot be right.
 */
export const readAccounts = async (path: string, host: FileHost): Promise<AccountInventory> => {
  const name = quotedPath(path)
  const text = decodeUtf8(await bytesOf(path, name, host), name)
  const { parseAccountInventory } = await import('../../investigation/enrichment/account-inventory.ts')
  return parseAccountInventory(text, name)
}

const bytesOf = (path: string, name: string, host: FileHost): Promise<Uint8Array> =>
  readNamedFile(path, host).catch((error: unknown) => {
    throw error instanceof Unreadable ? unreadable(name, error.message) : error
  })

const unreadable = (name: string, why: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `the list of accounts ${name} cannot be read`,
    why,
    remedy: 'name a CSV or JSON file: --accounts accounts.csv',
  })
