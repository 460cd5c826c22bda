import { describe, expect, it } from 'vitest'
import { refusalDetails } from '../../../src/aws/failure.ts'
import type { Facts } from '../../../src/incident/facts/facts.ts'
import { meaningOfAwsError } from '../../../src/incident/values/aws-error-codes.ts'
import { Failure } from '../../../src/incident/values/failure.ts'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { investigateSession } from '../../../src/response/stages/investigate-session.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { blockText } from '../../support/block-text.ts'
import { assessed, contextsOf, factOf, incidentWith, LIVE } from '../../support/stage-context.ts'
import { ready } from '../../support/stage-on-account.ts'

const identified = async (dryRun = false, scenario = 'custom-threat-list', lent: Parameters<typeof ready>[2] = {}) => {
  const known = await ready(scenario, 'investigate-session', { dryRun, ...lent })
  const facts = { finding: known.finding, subject: known.subject }
  const openedAt = known.context.now()
  return {
    ...known,
    facts,
    account: known.built.account,
    see: (changed: Partial<typeof facts> = {}) =>
      assessed(investigateSession, { ...facts, ...changed }, known.context, { openedAt, intents: known.intents() }),
    act: async () => investigateSession.act?.(incidentWith(facts, { openedAt, intents: known.intents() }), known.context),
  }
}

const deny = ({ account }: { readonly account: BuiltScenario['account'] }, Action: string): void => {
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action, Resource: '*' }] })
  account.roles.get('ir-responder')?.inline.set('denied', { document, writtenAt: 0 })
}

describe('an investigation by Detective', () => {
  it('is started on the role, over whole hours around what the finding saw, not beyond now', async () => {
    const needed = await (await identified()).see()
    if (needed.status !== 'needed') throw new Error(needed.status)
    expect(needed.effects).toEqual([
      {
        operation: 'detective:StartInvestigation',
        resource: expect.stringMatching(/^arn:aws:detective:us-east-1:111122223333:graph:/),
        sentence: 'start an investigation of role web-app, 2026-11-25T01:00:00Z to 2026-11-25T02:00:00Z',
        parameters: expect.objectContaining({ ScopeStartTime: '2026-11-25T01:00:00Z', ScopeEndTime: '2026-11-25T02:00:00Z' }),
        undo: expect.stringContaining('nothing to undo'),
      },
    ])
  })

  it('is started once, waited for and read with all its indicators', async () => {
    const { act, see, writes, account } = await identified()
    await act()
    const fact = factOf(await see())
    expect(writes()).toEqual(['detective:StartInvestigation'])
    expect(fact).toMatchObject({
      status: 'SUCCESSFUL',
      reused: false,
      scopeStart: '2026-11-25T01:00:00Z',
      scopeEnd: '2026-11-25T02:00:00Z',
      incomplete: [],
    })
    expect(fact.indicators).toHaveLength(account.indicators.length)
    const types = new Set(fact.indicators.map(({ type }) => type))
    for (const type of ['TTP_OBSERVED', 'IMPOSSIBLE_TRAVEL', 'NEW_GEOLOCATION', 'RELATED_FINDING']) expect(types).toContain(type)
  })

  it('is used again when somebody started it within the hour', async () => {
    const on = await identified()
    await on.act()
    const facts = factOf(await assessed(investigateSession, on.facts, on.context, { openedAt: on.context.now() }))
    expect(facts.reused).toBe(true)
    expect(on.writes()).toHaveLength(1)
  })

  it('is not waited for in a dry run', async () => {
    const on = await identified(true)
    const began = Date.parse(on.context.now())
    expect((await on.see()).status).toBe('needed')
    expect(Date.parse(on.context.now()) - began).toBeLessThan(5_000)
  })
})

describe('the scope of an investigation', () => {
  const scopeOf = async (seen: Partial<Facts['finding']['finding']>): Promise<string> => {
    const on = await identified()
    const finding = { ...on.facts.finding, finding: { ...on.facts.finding.finding, ...seen } }
    const needed = await on.see({ finding })
    return needed.status === 'needed' ? (needed.effects[0]?.sentence ?? '').slice(-44) : needed.status
  }
  const hours = (from: string, until: string) => `2026-11-${from}:00:00Z to 2026-11-${until}:00:00Z`
  const at = (moment: string): Instant => `2026-11-${moment}Z` as Instant

  it.each<[string, Partial<Facts['finding']['finding']>, string]>([
    ['is widened to hours', { firstSeen: at('24T10:59:59'), lastSeen: at('24T12:00:01') }, hours('24T10', '24T13')],
    ['is an hour at least', { firstSeen: at('24T10:00:00'), lastSeen: at('24T10:00:00') }, hours('24T10', '24T11')],
    [
      'ends by now',
      { firstSeen: at('24T10:00:00'), lastSeen: at('26T10:00:00') },
      '2026-11-24T10:00:00Z to 2026-11-25T02:00:01Z',
    ],
  ])('%s', async (_, seen, sentence) => {
    expect(await scopeOf(seen)).toBe(sentence)
  })
})

describe('investigate-session is not applicable', () => {
  it('the stage is not applicable where the account administers no behaviour graph', async () => {
    const on = await identified()
    expect(await on.see({ subject: { ...on.facts.subject, region: 'eu-west-1' } })).toEqual({
      status: 'notApplicable',
      why: expect.stringContaining('administers no Detective behaviour graph in eu-west-1'),
    })
  })

  it.each(['ListGraphs', 'ListInvestigations'])(
    'the stage is not applicable where Detective may not be read: %s',
    async (operation) => {
      const on = await identified()
      deny(on, `detective:${operation}`)
      expect(await on.see()).toEqual({
        status: 'notApplicable',
        why: expect.stringMatching(`detective:${operation} is denied.*CloudTrail’s answers stand without it.*ir-cred policy`),
      })
    },
  )

  it('a denied start is refused as a denial', async () => {
    const on = await identified()
    deny(on, 'detective:StartInvestigation')
    await expect(on.act()).rejects.toMatchObject({ kind: 'identity', meaning: 'denied' })
  })
})

describe('a refused start of an investigation', () => {
  const { contextLike } = contextsOf()
  const said = (code: string, parts: Parameters<typeof contextLike>[0] = {}) =>
    investigateSession.withoutIt?.(
      new Failure({
        what: 'AWS refused it',
        ...refusalDetails({ code, message: 'no' }, meaningOfAwsError(code)),
        remedy: 'ask for it',
      }),
      contextLike(parts),
    )

  it.each(['AccessDeniedException', 'ValidationException', 'TooManyRequestsException', 'ServiceQuotaExceededException'])(
    'leaves the stage out, with what stands without it and the remedy: %s',
    (code) => {
      expect(said(code)).toMatch(
        new RegExp(`^no investigation was started: .*${code}: no.* CloudTrail’s answers stand without it\\. Remedy: ask for it$`),
      )
    },
  )

  it('ends the run when the responder’s own session has expired, and not when that of Detective’s profile has', () => {
    expect(said('ExpiredTokenException')).toBeUndefined()
    expect(said('ExpiredTokenException', { setting: { ...LIVE, detectiveProfile: 'security' } })).toContain(
      'ExpiredTokenException',
    )
  })
})

describe('a behaviour graph of another account', () => {
  it('is not shown to a member account, and the stage names its administrator and the option that asks it', async () => {
    const on = await identified(false, 'detective-elsewhere')
    expect(await on.see()).toEqual({
      status: 'notApplicable',
      why: expect.stringMatching(
        /administers no .*; it is a member of the graph of account 444455556666\. CloudTrail’s answers stand without it\. Remedy: .*--detective-profile/,
      ),
    })
  })

  it('answers the profile of its administrator', async () => {
    const on = await identified(false, 'detective-elsewhere', { detectiveProfile: 'security' })
    expect(await on.see()).toMatchObject({
      effects: [{ sentence: expect.stringMatching(/, in the graph of account 444455556666$/) }],
    })
    await on.act()
    const fact = factOf(await on.see())
    expect(fact).toMatchObject({ administrator: '444455556666', status: 'SUCCESSFUL', incomplete: [] })
    expect(fact.graphArn).toContain(':444455556666:graph:')
    expect(blockText(investigateSession.describe({ investigation: fact }))).toContain('graph of: account 444455556666')
  })

  it('is the wrong one when the account is not its member, and the stage says so', async () => {
    const on = await identified(false, 'detective-elsewhere', { detectiveProfile: 'security' })
    Object.assign(on.account, { graphAdministrator: { accountId: '444455556666', membership: 'NONE' } })
    expect(await on.see()).toEqual({
      status: 'notApplicable',
      why: expect.stringMatching(/the graph of account 444455556666 .* does not have account 111122223333 as a member/),
    })
  })
})

describe('the description of an investigation', () => {
  const fact: Facts['investigation'] = {
    graphArn: 'arn',
    investigationId: '000000000000000000001',
    reused: true,
    status: 'SUCCESSFUL',
    severity: 'HIGH',
    scopeStart: '2026-11-25T01:00:00Z' as Instant,
    scopeEnd: '2026-11-25T02:00:00Z' as Instant,
    indicators: [],
    links: [{ label: 'role', url: 'https://console.aws.amazon.com/detective/home' }],
    incomplete: [],
  }
  const text = (parts: Partial<Facts['investigation']> = {}) =>
    blockText(investigateSession.describe({ investigation: { ...fact, ...parts } }))

  it('shows status, severity, scope and links', () => {
    expect(text()).toContain('000000000000000000001, started earlier, SUCCESSFUL, severity HIGH')
    expect(text()).toContain('2026-11-25T01:00:00Z to 2026-11-25T02:00:00Z')
    expect(text()).toContain('role: https://console.aws.amazon.com/detective/home')
  })

  it('says that there are no indicators, and nothing more', () => {
    expect(text()).toContain('Detective names no indicators.')
  })

  it('shows each indicator with its details', () => {
    const indicators = [
      {
        type: 'NEW_ASO',
        detail: [
          ['Aso', { untrusted: 'AS64496' }],
          ['IsNewForEntireAccount', { untrusted: 'true' }],
        ] as const,
      },
    ]
    expect(text({ indicators })).toContain('indicator: new network; detail: AS64496, new for the whole account')
  })

  it('lists what is missing', () => {
    expect(text({ incomplete: ['it is still running'] })).toContain('incomplete: it is still running')
  })
})

it('has links to session, role, finding, addresses and instance over the scope, and to the investigation', async () => {
  const on = await identified()
  await on.act()
  const { links } = factOf(await on.see())
  expect(links.map(({ label }) => label)).toEqual([
    ...['role session', 'role', 'finding', 'address 198.51.100.23', 'address 203.0.113.25', 'instance'],
    ...['investigation', 'all investigations'],
  ])
  const seconds = Date.parse('2026-11-25T01:00:00Z') / 1000
  for (const { url } of links.slice(0, -2)) expect(url).toContain(`scopeStart=${seconds}&scopeEnd=${seconds + 3_600}`)
})
