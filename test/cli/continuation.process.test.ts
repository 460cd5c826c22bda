import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConnectionRequest } from '../../src/cli/connection/connection-request.ts'
import {
  type CommandPlace,
  drillAgain,
  findingsCommandFor,
  investigateAgain,
  reportCommandFor,
  respondAgain,
  resumeCommand,
} from '../../src/cli/continuation.ts'

const COMMAND = { commandName: 'ir-cred' }
const place = (connection: Partial<ConnectionRequest> = {}, stateDir?: string): CommandPlace => ({
  ...COMMAND,
  connection: { regions: [], ...connection },
  stateDir,
})

const FINDING = '1ab92989eaf0e742df4a014d5c0a9d42'

describe('the command that goes on', () => {
  it('names the incident, and where it is kept when that is not the usual place', () => {
    expect(resumeCommand('web-app-1125-7f3a', place())).toBe('ir-cred respond --incident web-app-1125-7f3a')
    expect(resumeCommand('web-app-1125-7f3a', place({}, '/srv/ir'))).toBe(
      'ir-cred respond --incident web-app-1125-7f3a --state-dir /srv/ir',
    )
    expect(reportCommandFor('web-app-1125-7f3a', place({}, '/srv/ir'))).toBe(
      'ir-cred report web-app-1125-7f3a --state-dir /srv/ir',
    )
  })

  it('does not repeat what the journal knows, but the role to assume, which it does not', () => {
    const given = {
      regions: ['eu-west-1'],
      profile: 'acme',
      endpointUrl: 'http://127.0.0.1:4599',
      assumeRole: 'arn:aws:iam::1:role/ir',
    }
    expect(resumeCommand('web-app-1125-7f3a', place(given))).toBe(
      'ir-cred respond --incident web-app-1125-7f3a --assume-role arn:aws:iam::1:role/ir --endpoint-url http://127.0.0.1:4599',
    )
  })

  it('repeats where the role’s earlier calls are counted, which the journal does not know', () => {
    const history = { athena: 'logs.trail', athenaWorkgroup: 'ir', athenaOutput: 's3://results/ir/', maxBytes: 5e9 }
    const flags = '--athena logs.trail --athena-workgroup ir --athena-output s3://results/ir/ --max-bytes 5000000000'
    expect(resumeCommand('web-app-1125-7f3a', { ...place(), history })).toBe(
      `ir-cred respond --incident web-app-1125-7f3a ${flags}`,
    )
    expect(respondAgain(FINDING, {}, { ...place(), history })).toBe(`ir-cred respond ${FINDING} ${flags}`)
    expect(respondAgain(FINDING, {}, { ...place(), history: { lake: 'a1b2' } })).toBe(`ir-cred respond ${FINDING} --lake a1b2`)
    expect(findingsCommandFor({ ...place(), history })).toBe('ir-cred findings')
  })

  it('repeats an investigation as it was typed', () => {
    const options = { input: true, accessKeyId: 'ASIA0', logs: ['a b', 'c'], maxBytes: 10, wholeAccount: true, since: undefined }
    expect(investigateAgain('ir-cred', options)).toBe(
      "ir-cred investigate --access-key-id ASIA0 --logs 'a b' --logs c --max-bytes 10 --whole-account",
    )
    expect(investigateAgain('ir-cred', { input: false, ip: '192.0.2.1' })).toBe('ir-cred investigate --no-input --ip 192.0.2.1')
  })

  it('asks for the same in the same place while there is no incident', () => {
    const here = place({ regions: ['eu-west-1', 'us-east-1'], profile: 'acme', endpointUrl: 'http://127.0.0.1:4599' })
    const flags = '--region eu-west-1 --region us-east-1 --profile acme --endpoint-url http://127.0.0.1:4599'
    expect(respondAgain(FINDING, {}, here)).toBe(`ir-cred respond ${FINDING} ${flags}`)
    expect(respondAgain(undefined, { role: 'web-app' }, place())).toBe('ir-cred respond --role web-app')
    expect(respondAgain(undefined, { instanceId: 'i-12345678' }, place())).toBe('ir-cred respond --instance-id i-12345678')
    expect(respondAgain(undefined, { user: 'bob', reason: 'EDR alert' }, place())).toBe(
      "ir-cred respond --user bob --reason 'EDR alert'",
    )
    expect(respondAgain(undefined, { session: 'arn:aws:sts::1:assumed-role/a/bc' }, place())).toBe(
      'ir-cred respond --session arn:aws:sts::1:assumed-role/a/bc',
    )
    expect(respondAgain('f.json', { findingId: FINDING }, place())).toBe(`ir-cred respond f.json --finding-id ${FINDING}`)
    expect(respondAgain('f.json', { accessKeyId: 'ASIA0' }, place())).toBe('ir-cred respond f.json --access-key-id ASIA0')
    expect(findingsCommandFor(here)).toBe(`ir-cred findings ${flags}`)
    expect(respondAgain(FINDING, {}, place({ detectiveProfile: 'security' }))).toBe(
      `ir-cred respond ${FINDING} --detective-profile security`,
    )
    expect(findingsCommandFor(place({ detectiveProfile: 'security' }))).toBe('ir-cred findings')
  })

  it('looks in every Region again when it did', () => {
    expect(findingsCommandFor(place({ allRegions: true }))).toBe('ir-cred findings --all-regions')
  })

  it('never approves by itself what was approved before', () => {
    expect(respondAgain(FINDING, { yes: true, approve: ['revoke-sessions'] } as object, place())).toBe(
      `ir-cred respond ${FINDING}`,
    )
  })

  it('plays the same drill, with answers by flag where nobody can be asked', () => {
    expect(drillAgain(undefined, place(), { interactive: true })).toBe('ir-cred drill')
    expect(drillAgain(undefined, place(), { interactive: true, revoke: 'session' })).toBe('ir-cred drill --revoke session')
    expect(respondAgain('f.json', { revoke: 'session' }, place())).toBe('ir-cred respond f.json --revoke session')
    expect(drillAgain('looks-rotated', place(), { interactive: false })).toBe('ir-cred drill looks-rotated --yes')
  })

  it('is taken by a shell as it was meant', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('\0')),
        (stateDir) => {
          const command = resumeCommand('x', place({}, stateDir)).replace(/^ir-cred/, 'printf "%s\\0"')
          const words = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).split('\0').slice(0, -1)
          expect(words).toEqual(['respond', '--incident', 'x', '--state-dir', stateDir])
        },
      ),
      { numRuns: 50, examples: [['/srv/my incidents'], ["it's"], ['$(id)'], ['~'], ['']] },
    )
  })
})
