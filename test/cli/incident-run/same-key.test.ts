import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { breaks } from '../../faults/kinds.ts'
import { buildQuick, changesIn, EACH_ONCE } from '../../laws/whole-run.ts'
import { nobody } from '../../support/run-in-memory.ts'
import { runOnDisk } from '../../support/run-on-disk.ts'

describe('an incident that was opened on a key that the responder named', () => {
  it('is continued by the finding on that key, once GuardDuty has one', async () => {
    const root = mkdtempSync(join(tmpdir(), 'same-key-'))
    const built = await buildQuick()
    const request = { by: 'access-key-id', accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO' } as const
    const fault = breaks('denied', { operation: 'guardduty:ListDetectors', times: 1000 })
    expect(await runOnDisk({ built, root, request, responder: nobody, fault })).toBe(3)
    expect(await runOnDisk({ built, root })).toBe(0)
    expect(readdirSync(root)).toHaveLength(1)
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })
})
