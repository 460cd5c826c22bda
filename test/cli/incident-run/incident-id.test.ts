import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameIncident } from '../../../src/cli/incident-run/incident-id.ts'
import { narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { isIncidentId } from '../../../src/journal/directory.ts'
import { apiFinding, having } from '../../incident/finding/findings.ts'

const finding = narrowFinding(having(apiFinding, 'Resource.AccessKeyDetails.UserName', undefined))
const NOW = '2026-11-25T02:00:00Z' as Instant

const none = async () => false

describe('the name of a new incident', () => {
  it('says whose credentials, on which day, and which finding', async () => {
    const name = await nameIncident({ ...finding, userName: 'web-app' }, NOW, none)
    expect(name).toMatch(/^web-app-1125-[0-9a-f]{4}$/)
    expect(await nameIncident({ ...finding, userName: 'web-app', id: '0'.repeat(32) }, NOW, none)).not.toBe(name)
  })

  it('is one where nobody is named', async () => expect(await nameIncident(finding, NOW, none)).toMatch(/^incident-1125-/))

  it('is a new one each time', async () => {
    const taken: string[] = []
    for (let count = 0; count < 12; count += 1) taken.push(await nameIncident(finding, NOW, async (name) => taken.includes(name)))
    expect(new Set(taken).size).toBe(12)
    expect(taken[1]).toBe(`${taken[0]}-2`)
  })

  it('is a safe name of a directory, whatever the user is called', async () => {
    const userNames = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom('..', 'CON', 'drills', '-rf', '', 'İ'),
    )
    await fc.assert(
      fc.asyncProperty(userNames, async (userName) => {
        expect(isIncidentId(await nameIncident({ ...finding, userName }, NOW, none))).toBe(true)
      }),
    )
  })
})
