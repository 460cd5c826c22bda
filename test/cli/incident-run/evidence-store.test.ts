import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { evidenceStoreIn, evidenceStoreInMemory } from '../../../src/cli/incident-run/evidence-store.ts'
import { sha256 } from '../../../src/journal/chain.ts'
import { temporaryDirectory } from '../../journal/temporary.ts'

const SECRET = { Credentials: { AccessKeyId: 'ASIAXCSEC6TNGZ6EZUUO', SecretAccessKey: 'wJalr', SessionToken: 'IQoJ' } }

describe.each([
  ['on the disk', async () => evidenceStoreIn(await temporaryDirectory())],
  ['in memory', async () => evidenceStoreInMemory()],
])('an evidence store %s', (_, open) => {
  it('gives back what was kept, without its secrets', async () => {
    const store = await open()
    const recalled = await store.recall(await store.keep('session', SECRET))
    expect(recalled).toContain('ASIAXCSEC6TNGZ6EZUUO')
    expect(recalled).not.toMatch(/wJalr|IQoJ/)
  })

  it('gives nothing back for another hash than the one that was kept', async () => {
    const store = await open()
    const ref = await store.keep('session', { one: 1 })
    expect(await store.recall({ ...ref, sha256: sha256('{"two":2}') })).toBeUndefined()
    expect(await store.recall({ ...ref, file: 'evidence/9-nothing.json' })).toBeUndefined()
  })
})

describe('evidence that was changed on the disk', () => {
  it('is not given back, however small the change', async () => {
    const directory = await temporaryDirectory()
    const store = evidenceStoreIn(directory)
    const ref = await store.keep('page', ['one', 'two'])
    const content = await store.recall(ref)
    await writeFile(join(directory, ref.file), content?.replace('two', 'twO') ?? '')
    expect(await store.recall(ref)).toBeUndefined()
    await writeFile(join(directory, ref.file), content ?? '')
    expect(await store.recall(ref)).toBe(content)
  })
})
