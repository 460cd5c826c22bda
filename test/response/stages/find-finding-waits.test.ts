import { describe, expect, it } from 'vitest'
import { breaks } from '../../faults/kinds.ts'
import { build } from '../../support/scenario.ts'
import { factOf } from '../../support/stage-context.ts'
import { find, idOf, KEY, stopOf } from './find-finding/found.ts'

describe('a finding that GuardDuty does not show yet, about a key that CloudTrail does not show', () => {
  const late = () => build('custom-threat-list', { findingAppearsAfter: 300 })
  const fault = breaks('denied', { operation: 'cloudtrail:LookupEvents', times: 10_000 })

  it('is not waited for without --wait', async () => {
    const built = await late()
    expect(stopOf(await find({ by: 'access-key-id', accessKeyId: KEY }, undefined, built, { fault })).why).toContain(
      'no such finding',
    )
  })

  it('is waited for with --wait', async () => {
    const built = await late()
    const began = built.account.clock.now()
    const found = await find({ by: 'access-key-id', accessKeyId: KEY }, undefined, built, { findingWait: 3_600, fault })
    expect(factOf(found.assessment).finding.accessKeyId).toBe(KEY)
    expect(built.account.clock.now() - began).toBeGreaterThanOrEqual(300_000)
    expect(built.account.clock.now() - began).toBeLessThan(400_000)
  })

  it('is waited for no longer than was asked', async () => {
    const built = await late()
    const found = await find({ by: 'access-key-id', accessKeyId: KEY }, undefined, built, { findingWait: 120, fault })
    expect(stopOf(found).why).toContain('no such finding')
  })
})

describe('a list with --wait', () => {
  /** A finding that is not there yet. */
  const withNewer = async () => {
    const built = await build('custom-threat-list')
    const [id, newest] = [...built.account.findings].at(0) ?? []
    if (id === undefined || newest === undefined) throw new Error('there is no finding')
    const later = '0123456789abcdef0123456789abcdef'
    const appears = () => void built.account.findings.set(later, { ...newest, Id: later, Arn: undefined } as typeof newest)
    built.account.agenda.add(built.account.clock.now() + 120_000, appears)
    return { built, later }
  }

  it('waits for a finding that is newer than those that are there', async () => {
    const { built, later } = await withNewer()
    const found = await find({ by: 'list' }, 'wait', built, { findingWait: 3_600 })
    expect(idOf(found)).toBe(later)
    expect(found.questions[0]?.options.at(-1)).toMatchObject({ id: 'wait' })
  })

  it('waits where nobody answers', async () => {
    const { built, later } = await withNewer()
    expect(idOf(await find({ by: 'list' }, undefined, built, { findingWait: 3_600 }))).toBe(later)
  })

  it('does not wait where one of those is chosen', async () => {
    const { built } = await withNewer()
    const began = built.account.clock.now()
    expect(idOf(await find({ by: 'list' }, built.findingId, built, { findingWait: 3_600 }))).toBe(built.findingId)
    expect(built.account.clock.now() - began).toBeLessThan(60_000)
  })

  it('says that no newer one appeared', async () => {
    const stop = stopOf(await find({ by: 'list' }, undefined, undefined, { findingWait: 120, drill: false }))
    expect(stop).toMatchObject({ kind: 'declined', why: expect.stringContaining('no newer one appeared') })
  })
})
