import type { ListedAccount } from '../../incident/facts/account-profile.ts'
import { given } from '../../incident/values/given.ts'
import { isAccountId } from '../../incident/values/identifiers.ts'
import { quoted } from '../../incident/values/quoted.ts'
import { untrusted, untrustedOrNone } from '../../incident/values/untrusted.ts'

/** What a list of accounts may say of one in a column of its own, and the spellings by which the column is known. */
const SPELLINGS: Readonly<Record<'accountId' | 'owner' | 'environment' | 'dataClass', readonly string[]>> = {
  // The surer spellings first: a list with `Account` and `Account ID` has names in the one and ids in the other.
  accountId: ['accountid', 'awsaccountid', 'accountnumber', 'account', 'awsaccount', 'id'],
  owner: ['owner', 'accountowner', 'owners'],
  environment: ['environment', 'env', 'stage'],
  dataClass: ['dataclass', 'dataclassification', 'classification'],
}

type Known = keyof typeof SPELLINGS

/** Which column is which, by its place; the others are kept by their names. */
export interface Columns {
  readonly accountId: number
  readonly known: ReadonlyMap<number, Known>
}

/** Case, spaces, dashes and underscores make no other name: `Account ID`, `account_id` and `accountId` are the same. */
const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Finds the columns by their names; undefined when none can be the account's id. */
export const columnsIn = (names: readonly string[]): Columns | undefined => {
  const plain = names.map(plainName)
  const known = new Map<number, Known>()
  for (const [column, spellings] of Object.entries(SPELLINGS)) {
    const place = spellings.map((spelling) => plain.indexOf(spelling)).find((index) => index >= 0)
    if (place !== undefined) known.set(place, column as Known)
  }
  const accountId = [...known].find(([, column]) => column === 'accountId')?.[0]
  return accountId === undefined ? undefined : { accountId, known }
}

/** What is wrong with an account id; the sentence goes on after "line 3 ". */
export interface BadId {
  readonly problem: string
  readonly remedy: string
}

const WRITTEN = 'write account ids with all their 12 digits'

/**
 * An account id as lists write it: 12 digits, in three groups with dashes as the console shows them, or marked as text for a
 * spreadsheet (`'0123…`, `="0123…"`). Fewer digits are refused and not completed: a spreadsheet drops leading zeros, but a
 * digit that somebody forgot looks the same, and would give the account another one's owner.
 */
export const accountIdIn = (text: string): string | BadId => {
  const bare = text
    .trim()
    .replace(/^=?"(.*)"$/, '$1')
    .replace(/^'/, '')
  const digits = /^\d{4}[- ]\d{4}[- ]\d{4}$/.test(bare) ? bare.replace(/[- ]/g, '') : bare
  if (isAccountId(digits)) return digits
  if (/^\d{1,11}$/.test(digits)) {
    const problem = `has an account id of ${digits.length} digits, ${quoted(digits)}; if a spreadsheet dropped its leading zeros, it is ${digits.padStart(12, '0')}`
    return { problem, remedy: `${WRITTEN}; in a spreadsheet, format the column as text` }
  }
  if (/^\d(?:[.,]\d+)?E\+?\d+$/i.test(digits)) {
    const problem = `has an account id that a spreadsheet has rounded, ${quoted(digits)}`
    return { problem, remedy: `${WRITTEN}; format the column as text and export the list again` }
  }
  return { problem: `has no account id but ${quoted(digits)}`, remedy: WRITTEN }
}

/** What a row says of its account. Empty cells say nothing. */
export const listedAccount = (
  accountId: string,
  names: readonly string[],
  cells: readonly string[],
  { known }: Columns,
): ListedAccount => {
  const texts = cells.map((cell) => untrustedOrNone(cell.trim()))
  const of = (wanted: Known) => texts[[...known].find(([, column]) => column === wanted)?.[0] ?? -1]
  const owner = of('owner')
  const environment = of('environment')
  const dataClass = of('dataClass')
  const further = texts.flatMap((value, index) =>
    value && !known.has(index) ? [{ name: untrusted(names[index] ?? ''), value }] : [],
  )
  return {
    accountId,
    ...given({ owner, environment, dataClass }),
    further,
  }
}
