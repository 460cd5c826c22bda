import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { incidentsCommand } from '../../../src/cli/commands/incidents.ts'
import type { Request } from '../../../src/incident/entry.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { memoryHost } from '../../support/host.ts'
import { journalLines, runOnDisk } from '../../support/run-on-disk.ts'
import { mainOf, SUBJECT_INSTANCE } from '../../support/scenario.ts'

const folder = mkdtempSync(join(tmpdir(), 'ir-cred-linked-'))
afterAll(() => rmSync(folder, { recursive: true }))

const KEY = 'ASIAXCSEC6TNGZ6EZUUO'
const OTHER = 'AKIAXCSEC6TNEXAMPLE1'

/** The scenario’s finding as one of an attack sequence: the instance’s session, and the key of a user. */
const sequence = (built: BuiltScenario, accessKeyId?: string): Request => {
  const { Service, ...finding } = mainOf(built) as unknown as Record<string, object>
  const role = built.account.roles.get('web-app')
  const session = { Name: 'web-app', Uid: `${role?.id}:${SUBJECT_INSTANCE}`, Type: 'AssumedRole', CredentialUid: KEY }
  const user = { Name: 'bob', Uid: 'AIDAXCSEC6TNEXAMPLE1', Type: 'IAMUser', CredentialUid: OTHER }
  const Actors = [
    { Id: 'a', User: session },
    { Id: 'b', User: user },
  ]
  const document = {
    ...finding,
    Type: 'AttackSequence:IAM/CompromisedCredentials',
    Resource: { ResourceType: 'AttackSequence' },
    Service: { ...Service, Action: undefined, Detection: { Sequence: { Actors } } },
  }
  const text = JSON.stringify(document)
  return { by: 'file', name: 'sequence.json', text, ...(accessKeyId === undefined ? {} : { accessKeyId }) }
}

describe('an attack sequence of several actors', () => {
  it('is an incident for each of them, linked to the first, and none is finished while another actor is left', async () => {
    const root = join(folder, 'incidents')
    const built = await buildQuick()
    expect(await runOnDisk({ built, root, request: sequence(built) })).toBe(6)
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
    const [first = ''] = readdirSync(root)
    const ended = (await journalLines(root, first)).map(({ entry }) => entry).findLast(({ type }) => type === 'ended')
    expect(JSON.stringify(ended)).toMatch(/another actor, AKIAXCSEC6TNEXAMPLE1 of bob.*--access-key-id AKIAXCSEC6TNEXAMPLE1/)
    await runOnDisk({ built, root, request: sequence(built, OTHER) })
    const second = readdirSync(root).find((id) => id !== first) ?? ''
    const [opened] = (await journalLines(root, second)).map(({ entry }) => entry)
    expect(opened).toMatchObject({ type: 'opened', linkedTo: first })
    const { host, out } = memoryHost({ env: { HOME: folder } })
    await incidentsCommand.run(host, { stateDir: root, json: true })
    const rows = out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.find(({ incident }) => incident === second)).toMatchObject({ linkedTo: first })
    expect(rows.find(({ incident }) => incident === first)).not.toHaveProperty('linkedTo')
  })
})
