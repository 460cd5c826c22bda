import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/incident/finding/finding.ts'
import { narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { openGeography } from '../../../src/investigation/geography/geography.ts'
import { findingPlaces } from '../../../src/investigation/geography/location.ts'
import {
  findingTimesBlocks,
  findingTimesOf,
  otherFindingsBlocks,
  otherFindingsOf,
} from '../../../src/investigation/sections/other-findings.ts'
import { apiFinding } from '../../incident/finding/findings.ts'
import { blockText } from '../../support/block-text.ts'

const finding = (parts: Partial<Finding> = {}): Finding => ({ ...narrowFinding(apiFinding), ...parts })
const others = (...findings: Finding[]) => ({
  findings: findings.map((each) => ({ finding: each, about: ['key', 'session', 'role'] as const })),
  notEnabled: [],
  incomplete: [],
})

describe('the times of a finding', () => {
  it('a finding is shown with all four times and how often it was counted', () => {
    expect(blockText(findingTimesBlocks(finding()))).toBe(
      [
        'finding first seen: 2026-11-25T01:30:00Z',
        'finding last seen: 2026-11-25T02:10:00Z',
        'finding created: 2026-11-25T01:40:09.989Z',
        'finding updated: 2026-11-25T02:14:07Z',
        'finding counted: 7 times',
      ].join('\n'),
    )
  })

  it('a time that GuardDuty does not give is shown as not given', () => {
    const { firstSeen: _, lastSeen: __, ...untimed } = finding({ count: 1 })
    expect(blockText(findingTimesBlocks(untimed))).toMatch(/first seen: not given\n.*last seen: not given[\s\S]*1 time$/)
    expect(findingTimesOf(untimed)).toMatchObject({ firstSeen: null, lastSeen: null, count: 1 })
  })
})

describe('other findings are shown', () => {
  it('each finding says when, how bad, what it is about, and what it means', () => {
    const said = blockText(otherFindingsBlocks(others(finding())))
    expect(said).toContain(
      '2026-11-25T01:30:00Z to 2026-11-25T02:10:00Z, MEDIUM 5.0 UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom, 7 times, on the key, the session and the role; created 2026-11-25T01:40:09.989Z, updated 2026-11-25T02:14:07Z, in eu-central-1. ',
    )
    expect(said).toMatch(/Somebody called AWS with the temporary credentials of role web-app/)
    expect(said).not.toMatch(/archived|SAMPLE/)
  })

  it('a finding that is archived or a sample is marked so', () => {
    const said = blockText(otherFindingsBlocks(others(finding({ archived: true, sampleMarks: ['the title'] }))))
    expect(said).toContain(', archived, a SAMPLE, nothing real, in eu-central-1')
  })

  it('the section says when there is none, when none could be seen, and which Regions have no GuardDuty', () => {
    expect(blockText(otherFindingsBlocks(others()))).toBe('GuardDuty has no other finding on them.')
    const partly = { ...others(), notEnabled: ['us-west-2'], incomplete: ['it is denied'] }
    expect(blockText(otherFindingsBlocks(partly))).toBe(
      'No other finding on them could be seen.\nGuardDuty is not enabled in us-west-2.\nincomplete: it is denied',
    )
  })

  it('JSON has the same facts of a finding', () => {
    expect(otherFindingsOf(others(finding({ archived: true })))).toEqual({
      findings: [
        {
          ...findingTimesOf(finding()),
          means: expect.stringContaining('Somebody called AWS'),
          severity: 5,
          band: 'MEDIUM',
          accountId: '210987654321',
          region: 'eu-central-1',
          about: ['key', 'session', 'role'],
          archived: true,
          sample: false,
        },
      ],
      notEnabled: [],
      incomplete: [],
    })
  })
})

describe('what GuardDuty says of the place of an address', () => {
  const at = (country: string, updatedAt: string): Finding =>
    finding({
      updatedAt: updatedAt as Instant,
      action: { type: 'AWS_API_CALL', remote: { ip: '203.0.113.77', country: { untrusted: country } } },
    })

  it('comes first in the geography, the network too, and the most recently updated finding speaks first', async () => {
    const known = findingPlaces([at('Iceland', '2026-11-24T00:00:00Z'), at('Norway', '2026-11-25T00:00:00Z')])
    const geography = await openGeography({ known }, () => undefined)
    expect(geography.locate('203.0.113.77')).toMatchObject({
      country: { untrusted: 'Norway' },
      sources: { country: 'GuardDuty' },
    })
  })

  it('keeps address, country, city, network, its number and the provider', () => {
    expect(findingPlaces([finding()])).toEqual([
      {
        ip: '203.0.113.77',
        country: { untrusted: 'Iceland' },
        city: { untrusted: 'Reykjavík' },
        asn: '64500',
        network: { untrusted: 'EXAMPLE-NET' },
        isp: { untrusted: 'Example ISP' },
      },
    ])
  })

  it('is nothing for a sample, and for a finding without an address', () => {
    const { action: _, ...silent } = finding()
    expect(findingPlaces([finding({ sampleMarks: ['x'] }), silent])).toEqual([])
  })
})
