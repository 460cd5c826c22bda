import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { FALSE_ALARM_QUESTION } from '../../../src/cli/incident-run/finished-incident.ts'
import { runCommandLine } from '../../../src/cli/program.ts'
import { endedOf, eventsOf } from '../../support/bin-events.ts'
import { emptyHomes } from '../../support/homes.ts'
import { memoryHost } from '../../support/host.ts'
import { type ServedAccount, serveAccount } from '../../support/served-account.ts'

const home = emptyHomes()
const REASON = 'ticket NET-7: our own firewall'

let account: ServedAccount
let env: Record<string, string>

beforeAll(async () => {
  account = await serveAccount(home(), ['usual-address'])
  env = account.responderAt(home())
  // The SDK reads them where a process has them.
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await account.stop()
})

const answers = (content: object): string => {
  const path = join(home(), 'answers.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}

/** Runs a command line as the user of this process, whose directories it makes. */
const ran = async (args: readonly string[]) => {
  const { host, err } = memoryHost({ env })
  // More than a stream holds back.
  let stdout = ''
  ;(host.stdout as unknown as NodeJS.ReadableStream).on('data', (chunk) => {
    stdout += chunk
  })
  const code = await runCommandLine({ ...host, uid: process.getuid?.() ?? host.uid }, args)
  return { code, stdout, stderr: err() }
}

const respond = (...args: readonly string[]) => ran(['respond', '--no-input', '--json', '--proof-wait', '0s', ...args])

const onFinding = (...args: readonly string[]) => respond(account.findingId, '--endpoint-url', account.endpoint, ...args)

const listed = async () => {
  const { stdout } = await ran(['incidents'])
  const rows = eventsOf(await ran(['incidents', '--json']))
  return { stdout, rows }
}

/** One incident, in the order in which a responder meets it: each test goes on where the one before it ended. */
describe.sequential('a finding that is declared a false alarm', () => {
  let incident = ''

  it('ends with 0, without a change, and its last events are the declaration and the ending', async () => {
    const responded = await onFinding('--answers', answers({ 'revoke-sessions': { falseAlarm: REASON } }))
    const ended = endedOf(responded)
    incident = ended.incident
    expect({ code: responded.code, ...ended }).toMatchObject({ code: 0, ending: 'falseAlarm', exitCode: 0, writes: 0 })
    expect(ended).toMatchObject({ continueWith: `ir-cred respond --incident ${incident} --endpoint-url ${account.endpoint}` })
    expect(eventsOf(responded).find(({ type }) => type === 'falseAlarm')).toMatchObject({
      by: 'the answers file',
      reason: REASON,
    })
    expect(readFileSync(ended.report ?? '', 'utf8')).toContain('ticket NET-7: our own firewall')
  })

  it('is listed as one', async () => {
    const { stdout, rows } = await listed()
    expect(rows).toMatchObject([{ incident, state: 'falseAlarm', exitCode: 0 }])
    expect(stdout).toContain(`${incident}  false alarm`)
  })

  it.each([['nothing'], ['--yes', '--yes']])(
    'is not responded to again by %s: who declared it is shown, and both commands',
    async (_, ...flags) => {
      const responded = await onFinding(...flags)
      expect(endedOf(responded)).toMatchObject({ exitCode: 3, ending: 'declined', incident, writes: 0 })
      expect(responded.stderr).toContain('was declared a false alarm')
      expect(responded.stderr).toContain(`ir-cred report ${incident}`)
      expect(responded.stderr).toContain(`ir-cred respond --incident ${incident}`)
      expect(JSON.stringify(eventsOf(responded))).toMatch(
        /declared a false alarm at .* by the answers file .*ir-responder.*NET-7/,
      )
    },
  )

  it('can be left so', async () => {
    const responded = await onFinding('--answers', answers({ [FALSE_ALARM_QUESTION]: 'report' }))
    expect(endedOf(responded)).toMatchObject({ exitCode: 0, incident, writes: 0 })
    expect((await listed()).rows).toMatchObject([{ state: 'falseAlarm' }])
  })

  it('goes on when somebody chooses to, in the same incident, and is declared again', async () => {
    const again = { [FALSE_ALARM_QUESTION]: 'continue', 'revoke-sessions': { falseAlarm: 'asked once more' } }
    expect(endedOf(await onFinding('--answers', answers(again)))).toMatchObject({ exitCode: 0, ending: 'falseAlarm', incident })
    expect((await listed()).rows).toMatchObject([{ incident, state: 'falseAlarm' }])
  })

  it('goes on by its name, is contained, and is a false alarm no more', async () => {
    const responded = await respond('--incident', incident, '--endpoint-url', account.endpoint, '--approve', 'revoke-sessions')
    expect(endedOf(responded)).toMatchObject({ ending: 'declined', exitCode: 3, writes: 1 })
    expect(JSON.stringify(eventsOf(responded))).toContain('asked once more')
    expect((await listed()).rows).toMatchObject([{ incident, state: 'open' }])
  })

  it('cannot be declared one any more after the change', async () => {
    const file = answers({ 'revoke-sessions': { falseAlarm: REASON }, 'preserve-evidence': { falseAlarm: REASON } })
    const responded = await onFinding('--answers', file)
    expect(endedOf(responded)).toMatchObject({ ending: 'declined', exitCode: 3, writes: 0 })
    expect(responded.stderr).toContain('something was changed already')
  })
})

describe('a false alarm in an answers file', () => {
  it.each([
    ['without a reason', { falseAlarm: ' ' }],
    ['with a reason that is no text', { falseAlarm: true }],
    ['with a reason longer than 500 characters', { falseAlarm: 'x'.repeat(501) }],
    ['with another member', { falseAlarm: 'our VPN', by: 'me' }],
    ['under another name', { false_alarm: 'our VPN' }],
    ['that is empty', {}],
  ])('%s is refused before anything is read', async (_, answer) => {
    const responded = await onFinding('--answers', answers({ 'revoke-sessions': answer }))
    expect(responded.code).toBe(2)
    expect(responded.stderr).toContain('every answer must be a string, or {"falseAlarm": "the reason"}')
  })
})
