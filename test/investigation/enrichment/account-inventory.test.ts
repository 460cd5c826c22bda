import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ListedAccount } from '../../../src/incident/facts/account-profile.ts'
import { Failure } from '../../../src/incident/values/failure.ts'
import { flattenUntrusted } from '../../../src/incident/values/show.ts'
import { parseAccountInventory } from '../../../src/investigation/enrichment/account-inventory.ts'

const ID = '111122223333'
const read = (text: string): Record<string, unknown> =>
  Object.fromEntries([...parseAccountInventory(text, 'accounts')].map(([id, account]) => [id, flattenUntrusted(account)]))

const web = { accountId: ID, owner: 'Web', environment: 'prod', dataClass: 'PII', further: [] }

/** What the file is refused with. */
const refusal = (text: string): Failure => {
  try {
    parseAccountInventory(text, 'accounts.csv')
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('it was read')
}

describe('a list of accounts is read', () => {
  it.each([
    ['with commas', `account,owner,environment,data class\n${ID},Web,prod,PII\n`],
    ['with semicolons, as spreadsheets of many countries write them', `account;owner;environment;data class\n${ID};Web;prod;PII`],
    ['with tabs', `account\towner\tenvironment\tdata class\n${ID}\tWeb\tprod\tPII\n`],
    ['with Windows’s line ends and a byte order mark', `\uFEFFaccount,owner,environment,data class\r\n${ID},Web,prod,PII\r\n`],
    ['with everything in quotes', `"account","owner","environment","data class"\n"${ID}","Web","prod","PII"\n`],
    ['with empty lines and lines of empty cells', `account,owner,environment,data class\n\n${ID},Web,prod,PII\n,,,\n\n`],
    ['with spaces around', ` account , owner , environment , data class \n ${ID} , Web , prod , PII \n`],
    ['in another order', `env,data_class,owner,account\nprod,PII,Web,${ID}\n`],
    ['from JSON, an array', JSON.stringify([{ account: ID, owner: 'Web', env: 'prod', classification: 'PII' }])],
    ['from JSON, an object by id', JSON.stringify({ [ID]: { owner: 'Web', environment: 'prod', dataClass: 'PII' } })],
    [
      'from JSON with a byte order mark',
      `\uFEFF${JSON.stringify([{ account: ID, owner: 'Web', env: 'prod', dataClass: 'PII' }])}`,
    ],
    ['from JSON with the id as a number', `[{"account": ${ID}, "owner": "Web", "env": "prod", "dataClass": "PII"}]`],
    [
      'from JSON that says the id twice',
      JSON.stringify({ [ID]: { accountId: ID, owner: 'Web', env: 'prod', dataClass: 'PII' } }),
    ],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual({ [ID]: web })
  })

  it.each(['account', 'accountId', 'account_id', 'Account ID', 'ACCOUNT-ID', 'aws account id', 'AccountNumber', 'id', 'Id'])(
    'a list whose column of ids is called %s is read',
    (name) => {
      expect(read(`${name},Owner\n${ID},Web\n`)).toEqual({ [ID]: { accountId: ID, owner: 'Web', further: [] } })
    },
  )

  it('further columns keep their names, and empty cells say nothing', () => {
    const text = `account id,Owner,Cost Center,On-Call,Env\n${ID},,4711,"Doe, ""JD"" Jane",\n`
    const further = [
      { name: 'Cost Center', value: '4711' },
      { name: 'On-Call', value: 'Doe, "JD" Jane' },
    ]
    expect(read(text)).toEqual({ [ID]: { accountId: ID, further } })
  })

  it('the surer spelling is the id, and a column of names beside it is kept', () => {
    const further = [{ name: 'Account', value: 'acme-web' }]
    expect(read(`Account,Account ID\nacme-web,${ID}\n`)).toEqual({ [ID]: { accountId: ID, further } })
    expect(read(JSON.stringify({ [ID]: { account: 'acme-web' } }))).toEqual({
      [ID]: { accountId: ID, further: [{ name: 'account', value: 'acme-web' }] },
    })
  })

  it('the output of `aws organizations list-accounts` is read', () => {
    const Accounts = [{ Id: ID, Arn: 'arn', Name: 'acme-web' }]
    expect(read(JSON.stringify({ Accounts }))[ID]).toMatchObject({ accountId: ID })
  })

  it('a mark of another kind inside of a text separates nothing', () => {
    expect(read(`account,owner\n${ID},Jane; John\n`)).toEqual({ [ID]: { accountId: ID, owner: 'Jane; John', further: [] } })
    expect(read(`"account";"owner, deputy"\n${ID};Jane, John\n`)).toEqual({
      [ID]: { accountId: ID, further: [{ name: 'owner, deputy', value: 'Jane, John' }] },
    })
  })

  it.each([
    ['dashes, as the console shows it', '1111-2222-3333', ID],
    ['spaces', '1111 2222 3333', ID],
    ['an apostrophe, which makes text of it in a spreadsheet', "'012345678901", '012345678901'],
    ['a formula, which makes text of it', '"=""012345678901"""', '012345678901'],
    ['leading zeros', '000000000012', '000000000012'],
  ])('an account id with %s', (_, cell, id) => {
    expect(Object.keys(read(`account\n${cell}\n`))).toEqual([id])
  })
})

describe('a list that cannot be right is refused, with the place', () => {
  it.each([
    [
      'an id that may have lost its zeros',
      'account\n111122223333\n12345678901\n',
      /^line 3 of accounts.csv has an account id of 11 digits/,
    ],
    ['an id that a spreadsheet rounded', `account,owner\n1.11122E+11,Web\n`, /^line 2 .* a spreadsheet has rounded/],
    ['no id', `account,owner\n,Web\n`, /^line 2 of accounts.csv has no account id/],
    ['a name for an id', `account\nacme-web\n`, /^line 2 of accounts.csv has no account id but "acme-web"/],
    ['an id of 13 digits', 'account\n1111222233334\n', /^line 2 /],
    [
      'no column of ids',
      'name,owner\nacme,Web\n',
      /^line 1 of accounts.csv belongs to no column for the account id; there are "name", "owner"/,
    ],
    ['the same account twice', `account\n${ID}\n\n1111-2222-3333\n`, /lists account 111122223333 twice, in line 2 and line 4/],
    ['a header alone', 'account,owner\n', /lists no account/],
    ['nothing', '', /is empty/],
    ['white space', '\uFEFF \n\n', /is empty/],
    ['an entry that is no object', '["111122223333"]', /^entry 1 of accounts.csv is "111122223333", and no object/],
    [
      'a JSON number that lost its zeros',
      '[{"account": 12345678901}]',
      /^entry 1 of accounts.csv has an account id of 11 digits/,
    ],
    ['a key that is no account', '{"acme": {}}', /^entry "acme" of accounts.csv has no account id/],
    ['too many columns', `account${',x'.repeat(60)}\n`, /^line 1 of accounts.csv has 61 columns/],
    ['a very long text', `account,owner\n${ID},${'x'.repeat(3000)}\n`, /^line 2 of accounts.csv has a text of 3000 characters/],
  ])('%s', (_, text, what) => {
    const { kind, what: said, remedy } = refusal(text)
    expect(kind).toBe('usage')
    expect(said).toMatch(what)
    expect(remedy).toBeTruthy()
  })

  it.each([
    ['a line with more columns', `account,owner\n${ID},Web,prod\n`, /at line 2 there are more or fewer columns/],
    ['a line with fewer', `account,owner\n${ID},Web\n222233334444\n`, /at line 3 there are more or fewer columns/],
    ['a quote that is never closed', `account,owner\n${ID},"Web\n`, /a quote is opened and never closed/],
    ['a quote inside of a text', `account,owner\n${ID},We"b\n`, /at line 2 a quote stands inside of a text/],
    ['a quote that is closed too early', `account,owner\n${ID},"We"b\n`, /at line 2 a quote stands inside of a text/],
  ])('%s', (_, text, why) => {
    const failure = refusal(text)
    expect(failure).toMatchObject({ kind: 'usage', what: 'accounts.csv is not valid CSV' })
    expect(failure.why).toMatch(why)
  })

  it('JSON that is cut off, with line and column', () => {
    expect(refusal(`{\n  "${ID}": {`)).toMatchObject({ kind: 'usage', what: 'accounts.csv is cut off' })
  })

  it('what looks like a secret is not shown', () => {
    expect(refusal(`account\n${'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY'}\n`).what).not.toContain('wJalr')
  })
})

/** A text as a cell of CSV. */
const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`
const texts = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => text.trim() !== '')
const ids = fc.uniqueArray(
  fc.bigInt({ min: 0n, max: 999_999_999_999n }).map((id) => String(id).padStart(12, '0')),
  { minLength: 1, maxLength: 8 },
)
const lists: fc.Arbitrary<readonly ListedAccount[]> = ids.chain((all) =>
  fc.tuple(...all.map((accountId) => fc.record({ owner: texts, environment: texts, note: texts }).map(listed(accountId)))),
)
const listed =
  (accountId: string) =>
  ({ owner, environment, note }: { owner: string; environment: string; note: string }): ListedAccount => ({
    accountId,
    owner: { untrusted: owner.trim() },
    environment: { untrusted: environment.trim() },
    further: [{ name: { untrusted: 'Note' }, value: { untrusted: note.trim() } }],
  })
const rowOf = ({ accountId, owner, environment, further }: ListedAccount): string[] => [
  accountId,
  owner?.untrusted ?? '',
  environment?.untrusted ?? '',
  further[0]?.value.untrusted ?? '',
]

describe('lists with any texts', () => {
  it('a list comes back from CSV as it was written', () => {
    fc.assert(
      fc.property(
        lists,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (accounts, mark, end, bom) => {
          const rows = [['Account ID', 'Owner', 'Env', 'Note'], ...accounts.map(rowOf)].map((row) => row.map(cell).join(mark))
          const text = `${bom ? '\uFEFF' : ''}${rows.join(end)}${end}`
          expect([...parseAccountInventory(text, 'x').values()]).toEqual(accounts)
        },
      ),
    )
  })

  it('a list comes back from JSON, in both forms', () => {
    fc.assert(
      fc.property(lists, fc.boolean(), (accounts, byId) => {
        const rows = accounts.map(rowOf).map(([accountId, owner, env, Note]) => ({ accountId, owner, env, Note }))
        const document = byId ? Object.fromEntries(rows.map(({ accountId, ...rest }) => [accountId, rest])) : rows
        expect([...parseAccountInventory(JSON.stringify(document), 'x').values()]).toEqual(accounts)
      }),
    )
  })

  it('a file is read or refused as usage, never otherwise', () => {
    const near = fc.array(
      fc.constantFrom('account', ID, ',', ';', '"', '\n', '\r', '{', '[', ':', '}', '1', '\uFEFF', '__proto__', ' '),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near.map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            for (const id of parseAccountInventory(text, 'x').keys()) expect(id).toMatch(/^\d{12}$/)
          } catch (error) {
            expect(error).toMatchObject({ name: 'Failure', kind: 'usage' })
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})
