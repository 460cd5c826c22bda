import { describe, expect, it } from 'vitest'
import type { ConnectionRequest } from '../../../src/cli/connection/connection-request.ts'
import { isSameAccount, refuseOtherAccount, resumedConnection } from '../../../src/cli/incident-run/resume.ts'
import type { Setting } from '../../../src/incident/entry.ts'
import { emptyIncident, type Incident } from '../../../src/incident/incident.ts'
import { type Instant, plus } from '../../../src/incident/values/instant.ts'
import { configAnswering, fromAws } from '../../support/aws-connection.ts'
import { NOON, noonClock } from '../../support/noon.ts'
import { refusalOf } from '../../support/refusal.ts'
import { setting as simulated } from '../../support/sample-incident.ts'

const live: Setting = { ...simulated, simulated: false }
const ENDPOINT = 'http://127.0.0.1:4599'

const opened = (setting: Setting, lastAt: Instant = NOON): Incident => ({
  ...emptyIncident,
  id: 'web-app-1125-7f3a',
  setting,
  lastAt,
})

/** AWS as a command has it at noon, with these credentials. */
const connection = (setting: Setting) => {
  const { clients, writeGate } = configAnswering(() => fromAws(''))
  return { aws: clients, clock: noonClock(), writeGate, regions: [setting.region], setting, responderAccessKeyId: 'ASIAEXAMPLE' }
}

describe('how AWS is reached for a resumed incident', () => {
  it('is as it was when the incident was opened', () => {
    const incident = opened({ ...live, region: 'eu-west-1', profile: 'acme', endpoint: ENDPOINT })
    expect(resumedConnection({ regions: [], assumeRole: 'arn', endpointUrl: ENDPOINT }, incident)).toEqual({
      assumeRole: 'arn',
      regions: [],
      home: 'eu-west-1',
      profile: 'acme',
      endpointUrl: ENDPOINT,
    })
  })

  it('may be given again', () => {
    const given: ConnectionRequest = { regions: [live.region], profile: 'acme', endpointUrl: ENDPOINT }
    expect(resumedConnection(given, opened({ ...live, profile: 'acme', endpoint: ENDPOINT }))).toEqual({
      ...given,
      home: live.region,
    })
  })

  it.each<[given: Partial<ConnectionRequest>, what: string]>([
    [{ endpointUrl: ENDPOINT }, `no endpoint, not ${ENDPOINT}`],
    [{ profile: 'acme' }, 'no profile, not acme'],
    [{ regions: ['eu-west-1'] }, `Region ${live.region}, not eu-west-1`],
  ])('cannot change: %j', (given, what) => {
    expect(refusalOf(() => resumedConnection({ regions: [], ...given }, opened(live)))).toMatchObject({
      kind: 'usage',
      what: `incident web-app-1125-7f3a was opened with ${what}`,
    })
  })

  it('takes another profile for Detective, because often the run itself shows that it is missing', () => {
    const incident = opened({ ...live, detectiveProfile: 'audit' })
    expect(resumedConnection({ regions: [] }, incident).detectiveProfile).toBe('audit')
    expect(resumedConnection({ regions: [], detectiveProfile: 'security' }, incident).detectiveProfile).toBe('security')
    expect(resumedConnection({ regions: [], detectiveProfile: 'security' }, opened(live)).detectiveProfile).toBe('security')
  })

  it('takes no endpoint from the journal alone: it has to be given again, and to be the same', () => {
    const incident = opened({ ...simulated, endpoint: ENDPOINT })
    expect(refusalOf(() => resumedConnection({ regions: [] }, incident))).toMatchObject({
      kind: 'usage',
      remedy: expect.stringContaining(`--endpoint-url ${ENDPOINT}`),
    })
    expect(refusalOf(() => resumedConnection({ regions: [], endpointUrl: 'http://127.0.0.1:1' }, incident))).toMatchObject({
      kind: 'usage',
    })
  })
})

describe('an incident goes on in the account where it was opened', () => {
  it.each<[string, Setting]>([
    ['the same credentials', live],
    ['other credentials of the same account', { ...live, responderArn: 'arn:aws:sts::111122223333:assumed-role/other/bob' }],
  ])('an incident goes on with %s', (_, now) =>
    expect(refusalOf(() => refuseOtherAccount(opened(live), connection(now)))).toBeUndefined(),
  )

  it.each<[string, Setting]>([
    ['another account', { ...live, accountId: '444455556666' }],
    ['the same number in another partition', { ...live, partition: 'aws-cn' }],
    ['a simulated account of the same number', simulated],
    ['another endpoint', { ...live, endpoint: ENDPOINT }],
  ])('an incident does not go on in %s', (_, now) => {
    expect(isSameAccount(opened(live), connection(now))).toBe(false)
    expect(refusalOf(() => refuseOtherAccount(opened(live), connection(now)))).toMatchObject({ kind: 'blocked' })
  })

  it.each([
    [59, true],
    [61, false],
  ])('a simulated account whose time lies %i s before the journal’s: %s', (seconds, same) => {
    expect(isSameAccount(opened(simulated, plus(NOON, seconds)), connection(simulated))).toBe(same)
  })

  it('AWS’s time may lie before the journal’s: an account is only started anew when it is simulated', () => {
    expect(isSameAccount(opened(live, plus(NOON, 3600)), connection(live))).toBe(true)
  })
})
