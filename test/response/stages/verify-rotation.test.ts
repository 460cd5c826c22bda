import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../src/incident/facts/facts.ts'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { restartInstance } from '../../../src/response/stages/restart-instance.ts'
import { revokeSessions } from '../../../src/response/stages/revoke-sessions.ts'
import { verifyRotation } from '../../../src/response/stages/verify-rotation.ts'
import { blockText } from '../../support/block-text.ts'
import { NEW_KEY, restartedIncident } from '../../support/rotation.ts'
import { subjectInstanceOf } from '../../support/scenario.ts'
import { assessed, factOf, incidentWith } from '../../support/stage-context.ts'
import { ready } from '../../support/stage-on-account.ts'

const decided = { 'preserve-evidence': { how: 'skipped', why: 'skipped by the test' } } as const

/** An account whose role was revoked and whose instance was restarted. */
const restarted = async (scenario = 'custom-threat-list') => {
  const on = await ready(scenario, 'verify-rotation')
  const { subject, blastRadius } = on
  await revokeSessions.act?.(incidentWith({ subject, blastRadius }), on.context)
  const revocation = factOf(await assessed(revokeSessions, { subject, blastRadius }, on.context, { openedAt: on.context.now() }))
  await restartInstance.act?.(incidentWith({ subject, blastRadius, revocation }, { decided }), on.context)
  const restart = factOf(await assessed(restartInstance, { subject, blastRadius, revocation }, on.context, { decided }))
  const facts = { subject, blastRadius, revocation, restart }
  const parts = () => ({ intents: on.intents() })
  return {
    ...on,
    facts,
    see: () => assessed(verifyRotation, facts, on.context, parts()),
    act: async () => verifyRotation.act?.(incidentWith(facts, parts()), on.context),
    sent: () => on.writes().filter((call) => call === 'ssm:SendCommand'),
  }
}

describe('the rotation of a restarted instance', () => {
  it('is verified by one read-only script, once the agent is back', async () => {
    const { see, facts, context } = await restarted()
    const needed = await see()
    if (needed.status !== 'needed') throw new Error(needed.status)
    expect(needed.effects).toMatchObject([{ operation: 'ssm:SendCommand', resource: 'instance/i-08faaaafb15777f5a' }])
    expect(Date.parse(context.now())).toBeGreaterThan(Date.parse(facts.restart.launchTime))
  })

  it.each(['custom-threat-list', 'looks-rotated'])('is corroborated by the agent: %s', async (scenario) => {
    const { act, see, built, sent, kept } = await restarted(scenario)
    await see()
    await act()
    const rotation = factOf(await see())
    expect(rotation).toMatchObject({ verdict: 'renewed', newAccessKeyId: built.newCredentials()?.accessKeyId })
    expect(rotation.corroboration.map(({ kind }) => kind)).toContain('agent')
    expect(sent()).toHaveLength(1)
    expect(kept.map(({ name }) => name)).toContain('instance-answer')
  })

  it('holds no secret, and neither does the evidence', async () => {
    const { act, see, built, kept } = await restarted()
    await see()
    await act()
    const rotation = factOf(await see())
    const { secretAccessKey = 'none', sessionToken = 'none' } = built.newCredentials() ?? {}
    for (const secret of [secretAccessKey, sessionToken]) expect(JSON.stringify([rotation, kept])).not.toContain(secret)
  })

  it('waits for an agent that does not call, and then goes on with what CloudTrail shows and what you do by hand', async () => {
    const on = await restarted()
    on.built.account.instances.set(subjectInstanceOf(on.built).id, {
      ...subjectInstanceOf(on.built),
      agent: { installed: false, platform: 'Linux' },
    })
    const rotation = factOf(await on.see())
    expect(rotation).toMatchObject({ unasked: true, why: expect.stringContaining('has not called since the start') })
    expect(verifyRotation.isOpen({ rotation })).toBe(rotation.verdict === 'unverifiable')
  })

  it('is decided after the command in a dry run, and no agent is waited for', async () => {
    const { context } = await ready('custom-threat-list', 'verify-rotation', { dryRun: true })
    const before = context.now()
    const seen = await assessed(verifyRotation, restartedIncident().facts, context, { assumed: ['restart'] })
    expect(seen).toMatchObject({ status: 'needed', expected: { verdict: 'unverifiable', why: 'decided after the command' } })
    expect(Date.parse(context.now()) - Date.parse(before)).toBeLessThan(5000)
  })
})

describe('the description of a verdict', () => {
  const rotation: Facts['rotation'] = { verdict: 'rotated', why: 'because', oldAccessKeyId: 'ASIAOLD', corroboration: [] }
  const text = (parts: Partial<Facts['rotation']>) => blockText(verifyRotation.describe({ rotation: { ...rotation, ...parts } }))

  it.each([
    ['rotated', 'ROTATED: because'],
    ['rotated-unproven', 'ROTATED, UNPROVEN: because'],
    ['not-rotated', 'NOT ROTATED: because'],
    ['unverifiable', 'UNVERIFIABLE: because'],
  ] as const)('%s', (verdict, words) => {
    expect(text({ verdict })).toContain(words)
  })

  it('shows the new key as reported by the instance, and LastUpdated as no proof', () => {
    const { launchTime: lastUpdated } = restartedIncident().facts.restart
    expect(text({ newAccessKeyId: NEW_KEY, lastUpdated })).toContain(`new key: ${NEW_KEY} (reported by the instance)`)
    expect(text({ newAccessKeyId: NEW_KEY, lastUpdated })).toContain('(not the time of the issue)')
    expect(text({})).toContain('new key: not known')
  })

  it('shows each source that corroborates it', () => {
    const { launchTime: at } = restartedIncident().facts.restart
    expect(text({ corroboration: [{ kind: 'agent', at, says: 'heard' }] })).toContain('SSM agent: heard')
    expect(text({ corroboration: [{ kind: 'cloudtrail', at, says: 'issued' }] })).toContain('CloudTrail: issued')
  })

  it('says whose word the new key is where the instance could not be asked, and what you do by hand', () => {
    expect(text({ newAccessKeyId: NEW_KEY, unasked: true })).toContain(
      `${NEW_KEY} (according to CloudTrail’s record of its issue)`,
    )
    expect(text({ verdict: 'unverifiable', unasked: true })).toContain('never print the secret')
    expect(text({ verdict: 'unverifiable' })).not.toContain('never print the secret')
  })

  it('shows how the last command failed, with an error line that cannot write to the terminal', () => {
    const failed = { status: 'Failed', exitCode: 126, errorLine: untrusted('Permission denied') }
    expect(text({ verdict: 'unverifiable', failed })).toContain(
      'command: ended as Failed, exit code 126; the first line of its error output: Permission denied',
    )
  })

  it('says, when the key is not rotated, to stop and start and never to reboot', () => {
    expect(text({ verdict: 'not-rotated' })).toContain('do not reboot it')
  })
})
