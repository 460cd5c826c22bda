import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GetFindingsCommand, GuardDutyClient, ListDetectorsCommand } from '@aws-sdk/client-guardduty'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endedOf, eventsOf } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import { type ServedAccount, serveAccount } from '../support/served-account.ts'
import { ranBin } from '../support/start-bin.ts'

const home = emptyHomes()
let account: ServedAccount

beforeAll(async () => {
  account = await serveAccount(home())
})

afterAll(async () => {
  // It is refused before anything is changed.
  if (account) expect((await account.stop()).ended.writes).toBe(0)
})

describe.concurrent('a sample finding is refused, before a change', () => {
  const sample = async () => {
    const guardduty = new GuardDutyClient(account.configFor('responder'))
    const { DetectorIds: [DetectorId] = [] } = await guardduty.send(new ListDetectorsCommand({}))
    const listed = await ranBin(['findings', '--json', '--endpoint-url', account.endpoint], { env: account.responderAt(home()) })
    const findings = eventsOf(listed).map(({ finding }) => finding as { id: string; sampleMarks: string[] })
    const FindingIds = findings.filter(({ sampleMarks }) => sampleMarks.length > 0).map(({ id }) => id)
    return (await guardduty.send(new GetFindingsCommand({ DetectorId, FindingIds }))).Findings?.[0]
  }

  it.each(['its id', 'a file', 'standard input'])('a sample finding named by %s is refused', async (how) => {
    const finding = await sample()
    const file = join(home(), 'sample.json')
    writeFileSync(file, JSON.stringify(finding))
    const named = { 'its id': finding?.Id ?? '', 'a file': file, 'standard input': '-' }[how] ?? ''
    const ran = await ranBin(['respond', named, '--yes', '--json', '--no-input', '--endpoint-url', account.endpoint], {
      env: account.responderAt(home()),
      input: JSON.stringify(finding),
    })
    expect(ran.code).toBe(5)
    expect(ran.stderr).toMatch(/this is a SAMPLE finding .*\n → to practise, run `node bin\/ir-cred\.js drill`/)
    expect(endedOf(ran)).toMatchObject({ ending: 'blocked', exitCode: 5, writes: 0 })
  })
})

describe('an incident goes on where it was opened, or not at all', () => {
  const env = () => account.responderAt(own)
  const own = home()
  let incident: string

  beforeAll(async () => {
    const ran = await ranBin(['respond', account.findingId, '--no-input', '--json', '--endpoint-url', account.endpoint], {
      env: env(),
    })
    incident = endedOf(ran).incident
  })

  it.each([
    [
      '--endpoint-url',
      'http://127.0.0.1:1',
      /was opened with endpoint http:\/\/127\.0\.0\.1:\d+, not http:\/\/127\.0\.0\.1:1\n → give the endpoint at which it was opened/,
    ],
    ['--region', 'eu-west-1', /was opened with Region us-east-1, not eu-west-1/],
    ['--profile', 'acme', /was opened with no profile, not acme/],
    ['--role', 'other', /is about finding [0-9a-f]{32}, and another one was named\n → leave the finding out/],
  ])('%s of something else is refused', async (option, value, told) => {
    const ran = await ranBin(['respond', '--incident', incident, '--yes', option, value], { env: env() })
    expect(ran.stderr).toMatch(told)
    expect(ran.code).toBe(2)
  })

  it('another simulated account at the same endpoint is another account', async () => {
    const first = await serveAccount(home(), ['--at', '2031-01-01T00:00:00Z'])
    const place = home()
    const opened = await ranBin(['respond', first.findingId, '--no-input', '--json', '--endpoint-url', first.endpoint], {
      env: first.responderAt(place),
    })
    await first.stop()
    const second = await serveAccount(home(), ['--at', '2030-01-01T00:00:00Z', '--port', new URL(first.endpoint).port])
    const ran = await ranBin(
      ['respond', '--incident', endedOf(opened).incident, '--endpoint-url', first.endpoint, '--yes', '--no-input'],
      {
        env: second.responderAt(place),
      },
    )
    expect(ran.stderr).toMatch(/belongs to another account/)
    expect(ran.code).toBe(5)
    expect((await second.stop()).ended.writes).toBe(0)
  })

  it('a port that is taken is told by simulate', async () => {
    const { port } = new URL(account.endpoint)
    const { code, stderr } = await ranBin(['simulate', '--port', port], { env: { HOME: home() } })
    expect(stderr).toMatch(/cannot listen on 127\.0\.0\.1:\d+: another program uses this port\n → choose another with --port/)
    expect(code).toBe(5)
  })
})
