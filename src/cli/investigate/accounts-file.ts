import { readFile, stat } from 'node:fs/promises'
import { Failure } from '../../incident/values/failure.ts'
import { decodeUtf8 } from '../../incident/values/strict-json.ts'
import type { AccountInventory } from '../../investigation/enrichment/account-inventory.ts'
import { printable } from '../options.ts'

const MAX_BYTES = 32 * 1024 * 1024

/**
 * Reads the responder's own list of accounts, `--accounts <file>`: CSV or JSON, told apart by what is in it. The code that reads
 * CSV is loaded only here. Throws Failure usage for a file that cannot be read, or that cannot be right.
 */
export const readAccounts = async (path: string): Promise<AccountInventory> => {
  const name = printable(path)
  const text = decodeUtf8(await bytesOf(path, name), name)
  const { parseAccountInventory } = await import('../../investigation/enrichment/account-inventory.ts')
  return parseAccountInventory(text, name)
}

const bytesOf = async (path: string, name: string): Promise<Uint8Array> => {
  try {
    const { size } = await stat(path)
    if (size > MAX_BYTES) throw unreadable(name, `it has ${size} bytes, and 32 MB is the limit`)
    return await readFile(path)
  } catch (error) {
    if (error instanceof Failure) throw error
    const { code } = error as NodeJS.ErrnoException
    throw unreadable(name, code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : String(code))
  }
}

const unreadable = (name: string, why: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `the list of accounts "${name}" cannot be read`,
    why,
    remedy: 'name a CSV or JSON file: --accounts accounts.csv',
  })
