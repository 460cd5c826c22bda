import { describe, expect, it } from 'vitest'
import { stillToDo } from '../../../src/incident/still-to-do.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import type { Fault, WireResponse } from '../../../src/simulator/wire/message.ts'
import { answered, breaks } from '../../faults/kinds.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { intendedBy } from '../../support/intended.ts'
import { plainYes, runInMemory } from '../../support/run-in-memory.ts'

const SCENARIO = 'roles-anywhere'
const run = (built: BuiltScenario, parts: Partial<Parameters<typeof runInMemory>[0]> = {}) =>
  runInMemory({ built, proofWait: 0, ...parts })

const allOpenIn = ({ result }: Awaited<ReturnType<typeof run>>) =>
  stillToDo(result.incident, { alarms: [], unproven: [] }).filter(({ kind }) => kind === 'open')
const isOfCertificate = ({ sentence }: { readonly sentence: unknown }) => /certificate "5f1d/.test(String(sentence))
/** What is open, but for the certificate itself. */
const openIn = (ran: Awaited<ReturnType<typeof run>>) => allOpenIn(ran).filter((one) => !isOfCertificate(one))

const profileOf = ({ account }: BuiltScenario) => {
  const [profile] = account.certificateProfiles.values()
  if (!profile) throw new Error('there is no profile')
  return profile
}

/** Another profile, beside the one of the scenario. */
const addProfile = (built: BuiltScenario, name: string, roleNames: readonly string[], enabled = true): void => {
  const id = `0a1b2c3d-0000-4000-a000-${name.padStart(12, '0')}`
  built.account.certificateProfiles.set(id, { ...profileOf(built), id, name, roleNames, enabled })
}

describe('a session that a certificate took by IAM Roles Anywhere, where closing is approved by name', () => {
  it('leaves no way for the certificate: its profile is disabled, and what was issued until then is denied', async () => {
    const built = await buildQuick(SCENARIO)
    const { result, journal } = await run(built)
    expect(profileOf(built).enabled).toBe(false)
    expect({ exitCode: result.exitCode, alarms: result.alarms }).toEqual({ exitCode: 0, alarms: [] })
    expect(result.incident.facts.access?.ways).toMatchObject([
      {
        kind: 'roles-anywhere',
        state: 'closed',
        says: expect.stringMatching(/^is disabled, as it was read back; the certificate/),
      },
      { kind: 'certificate', state: 'open' },
      { kind: 'later-cutoff', state: 'closed' },
    ])
    const [disabling] = intendedBy(journal, 'rolesanywhere:DisableProfile')
    const { revocation } = result.incident.facts
    expect(Date.parse(revocation?.cutoff ?? '') - Date.parse(disabling?.at ?? '')).toBeGreaterThan(60_000)
  })

  it('names the other roles of the profile in the question, and keeps the profile as it was before', async () => {
    const built = await buildQuick(SCENARIO)
    const { journal } = await run(built)
    const [disabling] = intendedBy(journal, 'rolesanywhere:DisableProfile')
    expect(disabling?.effect).toMatchObject({
      sentence: 'disable profile "data-centre" of IAM Roles Anywhere in us-east-1',
      cost: expect.stringContaining('role backup through it any more, nor of role "deploy"'),
      undoCommand: expect.stringContaining(`rolesanywhere enable-profile --profile-id ${profileOf(built).id} --region us-east-1`),
    })
    const kept = journal.findIndex((entry) => entry.type === 'kept' && entry.ref.file.includes('roles-anywhere-profile-before'))
    expect(kept).toBeGreaterThan(-1)
    expect(kept).toBeLessThan(disabling ? journal.indexOf(disabling) : -1)
  })

  it('disables every enabled profile that names the role, and no other', async () => {
    const built = await buildQuick(SCENARIO)
    addProfile(built, 'second', ['backup'])
    addProfile(built, 'other', ['deploy'])
    const { result } = await run(built)
    expect([...built.account.certificateProfiles.values()].map(({ name, enabled }) => [name, enabled])).toEqual([
      ['data-centre', false],
      ['second', false],
      ['other', true],
    ])
    expect(changesIn(built)).toEqual({ PutRolePolicy: 2, DisableProfile: 2, StartInvestigation: 1 })
    expect(result.exitCode).toBe(0)
  })

  it('stays an alarm while one of two profiles is not disabled: AWS refused it', async () => {
    const built = await buildQuick(SCENARIO)
    const fault = breaks('denied', { operation: 'rolesanywhere:DisableProfile', times: 1 })
    addProfile(built, 'second', ['backup'])
    const ran = await run(built, { fault })
    expect(ran.result.exitCode).toBe(6)
    expect(ran.result.alarms.join('\n')).toContain('can obtain new sessions of role backup')
    expect(openIn(ran)).toMatchObject([{ command: expect.stringContaining('aws rolesanywhere disable-profile') }])
  })

  it('is denied although the profiles cannot be listed: which name the role is not known, and the alarm stays', async () => {
    const built = await buildQuick(SCENARIO)
    const ran = await run(built, { fault: breaks('denied', { operation: 'rolesanywhere:ListProfiles', times: Infinity }) })
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, StartInvestigation: 1 })
    expect(ran.result.exitCode).toBe(6)
    expect(openIn(ran)).toMatchObject([
      {
        sentence: expect.stringMatching(
          /^Perhaps not closed: which profiles of IAM Roles Anywhere name role backup is not known/,
        ),
        command: expect.stringContaining('aws rolesanywhere list-profiles --query'),
      },
    ])
  })

  /** ListProfiles in another Region than the incident's goes wrong like this. */
  const elsewhere =
    (fail: () => never | Promise<WireResponse>): Fault =>
    async (request, next) => {
      const isElsewhere = request.path === '/profiles' && !request.headers.authorization?.includes('/us-east-1/')
      return isElsewhere ? fail() : next(request)
    }

  it('stays an alarm where another Region cannot be read: a profile there may name the role', async () => {
    const built = await buildQuick(SCENARIO)
    const ran = await run(built, { fault: elsewhere(async () => answered('rolesanywhere', 'AccessDeniedException', 403)) })
    expect(profileOf(built).enabled).toBe(false)
    expect(openIn(ran)).toMatchObject([
      { sentence: expect.stringMatching(/is not known: rolesanywhere:ListProfiles in \S+ is denied/) },
    ])
    expect(ran.result.exitCode).toBe(6)
  })

  it('is closed where another Region has no host of the service: there is none there', async () => {
    const built = await buildQuick(SCENARIO)
    const fault = elsewhere(() => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
    })
    const ran = await run(built, { fault })
    expect(openIn(ran)).toEqual([])
    expect(ran.result).toMatchObject({ exitCode: 0, alarms: [] })
  })

  it('is closed where no profile names the role any more', async () => {
    const built = await buildQuick(SCENARIO)
    built.account.certificateProfiles.clear()
    const { result } = await run(built)
    expect(result.incident.facts.access?.ways).toMatchObject([
      { state: 'closed', says: 'has no profile that names role backup' },
      { kind: 'certificate' },
    ])
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
  })
})

describe('a session that a certificate took, where nobody approved the closing by name', () => {
  it('stays an alarm with the command, and its profile stays as it is', async () => {
    const built = await buildQuick(SCENARIO)
    const ran = await run(built, { responder: plainYes })
    expect(profileOf(built).enabled).toBe(true)
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, StartInvestigation: 1 })
    expect(ran.result.exitCode).toBe(6)
    expect(ran.result.alarms.join('\n')).toMatch(/can obtain new sessions of role backup.*Revoke the certificate/)
    expect(openIn(ran)).toMatchObject([
      { sentence: expect.stringMatching(/profile .*data-centre.* is enabled and names role backup/) },
    ])
  })
})

describe('the stolen certificate itself', () => {
  const anchorOf = ({ account }: BuiltScenario) => {
    const [anchor] = account.trustAnchors.values()
    if (!anchor) throw new Error('there is no trust anchor')
    return anchor
  }
  const certificateIn = ({ result }: Awaited<ReturnType<typeof run>>) =>
    result.incident.facts.access?.ways.find(({ kind }) => kind === 'certificate')

  it('stays named with the steps and the command that imports its authority’s list, and is no alarm', async () => {
    const built = await buildQuick(SCENARIO)
    const ran = await run(built)
    expect(allOpenIn(ran)).toMatchObject([
      {
        sentence: expect.stringMatching(
          /no revocation list in us-east-1 is newer .*trust anchor "acme-ca" .*disable-trust-anchor/,
        ),
        command: expect.stringMatching(
          new RegExp(`^aws rolesanywhere import-crl .*--enabled --trust-anchor-arn \\S+trust-anchor/${anchorOf(built).id} `),
        ),
      },
    ])
    expect(ran.result).toMatchObject({ exitCode: 0, alarms: [] })
  })

  it('is said to be perhaps revoked by a later run that sees a newer list, and no more: the list is not read', async () => {
    const built = await buildQuick(SCENARIO)
    const journal: NonNullable<Parameters<typeof runInMemory>[0]['journal']> = []
    await run(built, { journal })
    anchorOf(built).revocations = { serials: ['5f1d0c7a9b3e4826'], importedAt: built.account.clock.now() }
    const ran = await run(built, { journal })
    expect(certificateIn(ran)).toMatchObject({
      state: 'unknown',
      says: expect.stringMatching(
        /^is perhaps revoked: 1 of 1 enabled trust anchor .* does not read which certificates a list names/,
      ),
    })
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 2, DisableProfile: 1 })
  })

  it('is not revoked by a list from before the session was issued', async () => {
    const built = await buildQuick(SCENARIO)
    anchorOf(built).revocations = { serials: [], importedAt: 0 }
    expect(certificateIn(await run(built))).toMatchObject({ state: 'open' })
  })

  it('is closed where no trust anchor is enabled', async () => {
    const built = await buildQuick(SCENARIO)
    anchorOf(built).enabled = false
    expect(certificateIn(await run(built))).toMatchObject({ state: 'closed' })
  })

  it.each(['rolesanywhere:ListTrustAnchors', 'rolesanywhere:ListCrls'])(
    'is not known where %s is refused, and the run goes on',
    async (operation) => {
      const ran = await run(await buildQuick(SCENARIO), { fault: breaks('denied', { operation, times: Infinity }) })
      expect(certificateIn(ran)).toMatchObject({ state: 'unknown', says: expect.stringContaining(`${operation} is denied`) })
      expect(ran.result).toMatchObject({ exitCode: 0, alarms: [] })
    },
  )
})
