import { describe, expect, it } from 'vitest'
import type { LiftedChange } from '../../../../src/incident/facts/lift.ts'
import { replay } from '../../../../src/incident/incident.ts'
import type { CertificateProfile } from '../../../../src/simulator/account/holdings.ts'
import { hoursLater, liftOnDisk, respondedTo, stateRoots } from '../../../support/lifting.ts'

const root = stateRoots()

/** A response that disabled the profile, and the lift of it once somebody has done this to the profile. */
const lifted = async (since: (profile: CertificateProfile, profiles: Map<string, CertificateProfile>) => void = () => {}) => {
  const responded = hoursLater(await respondedTo(root(), 'roles-anywhere'), 30)
  const { certificateProfiles, clock } = responded.built.account
  const [profile] = certificateProfiles.values()
  if (!profile) throw new Error('there is no profile')
  expect(profile.enabled).toBe(false)
  since(profile, certificateProfiles)
  const ran = await liftOnDisk(responded)
  const change = (replay(ran.journal).facts.lift?.changes ?? []).find(
    ({ operation }: LiftedChange) => operation === 'rolesanywhere:DisableProfile',
  )
  return { ...ran, profile, change, now: clock.now() }
}

describe('a profile of IAM Roles Anywhere that a response disabled', () => {
  it('is enabled again by a lift, and the question says that the certificate has to be revoked', async () => {
    const { profile, change, exitCode, journal, writes } = await lifted()
    expect(profile.enabled).toBe(true)
    expect([exitCode, writes]).toEqual([0, ['iam:DeleteRolePolicy', 'rolesanywhere:EnableProfile']])
    expect(change).toMatchObject({ state: 'lifted', why: 'it is enabled, as it was before the response' })
    const approved = journal.findLast((entry) => entry.type === 'approved')
    expect(approved?.type === 'approved' && approved.effects).toContainEqual(
      expect.objectContaining({
        operation: 'rolesanywhere:EnableProfile',
        cost: expect.stringContaining('stolen certificate takes sessions again, unless its authority has revoked it'),
        undoCommand: expect.stringContaining('aws rolesanywhere disable-profile'),
      }),
    )
  })

  it('is left alone where somebody changed it since, with the command', async () => {
    const { profile, change, writes } = await lifted((one) => {
      one.updatedAt += 3_600_000
    })
    expect([profile.enabled, writes]).toEqual([false, ['iam:DeleteRolePolicy']])
    expect(change).toMatchObject({ state: 'changed', command: expect.stringContaining('rolesanywhere enable-profile') })
  })

  it('has nothing to lift where somebody enabled or deleted it', async () => {
    for (const since of [
      (one: CertificateProfile) => void Object.assign(one, { enabled: true }),
      (_: CertificateProfile, all: Map<string, CertificateProfile>) => all.clear(),
    ]) {
      const { change, writes } = await lifted(since)
      expect(writes).toEqual(['iam:DeleteRolePolicy'])
      expect(change?.state).toBe('gone')
    }
  })
})
