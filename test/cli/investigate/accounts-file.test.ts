import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAccounts } from '../../../src/cli/investigate/accounts-file.ts'
import { memoryHost } from '../../support/host.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accounts-'))
})
afterAll(() => rm(folder, { recursive: true }))

const written = async (name: string, content: string | Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

const { host } = memoryHost()

describe('--accounts', () => {
  it.each([
    ['accounts.csv', 'account,owner\n111122223333,Web\n'],
    ['accounts.json', '{"111122223333": {"owner": "Web"}}'],
    ['of-any-name', '[{"Id": "111122223333", "Owner": "Web"}]'],
  ])('reads %s', async (name, content) => {
    const accounts = await readAccounts(await written(name, content), host)
    expect([...accounts.values()]).toEqual([{ accountId: '111122223333', owner: { untrusted: 'Web' }, further: [] }])
  })

  it.each<[string, string | Uint8Array, object]>([
    ['UTF-16, as spreadsheets export it', Buffer.from('\uFEFFaccount\n111122223333\n', 'utf16le'), { what: /UTF-16/ }],
    ['what is no UTF-8', Buffer.from([0x61, 0xff, 0x0a]), { what: /not valid UTF-8/ }],
    ['a compressed file', Buffer.from([0x1f, 0x8b, 8, 0]), { what: /gzip/ }],
    ['a list without a column of ids', 'name\nweb\n', { what: /no column for the account id/ }],
  ])('refuses %s', async (_, content, { what }: { what?: RegExp }) => {
    const path = await written('bad.csv', content)
    await expect(readAccounts(path, host)).rejects.toMatchObject({ kind: 'usage', what: expect.stringMatching(what ?? /./) })
  })

  it('refuses a file that is not there, and a folder', async () => {
    await expect(readAccounts(join(folder, 'none'), host)).rejects.toMatchObject({ kind: 'usage', why: 'there is no such file' })
    await expect(readAccounts(folder, host)).rejects.toMatchObject({ kind: 'usage', why: 'it is a directory' })
  })
})
