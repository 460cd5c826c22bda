import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import { everyScenarioId } from '../../src/simulator/scenarios/catalogue.ts'
import { argumentsOf, endedOf, eventsOf, IR_CRED, stagesEntered, stagesEstablished } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import { runBin } from '../support/run-bin.ts'
import { UNDONE } from './undone.ts'

const STAGES = stages.map(({ id }) => id)
const STOLEN = 'ASIAXCSEC6TNGZ6EZUUO'
const PATH = process.env.PATH ?? ''

const home = emptyHomes()

/** What a run has left below its home, as relative paths. */
const leftIn = (path: string): readonly string[] => readdirSync(path, { recursive: true, encoding: 'utf8' })

describe('npm start without a terminal', () => {
  const env = { HOME: home(), PATH }
  const { status, stdout, stderr } = spawnSync('npm', ['start', '--silent'], {
    env,
    input: '',
    encoding: 'utf8',
    timeout: 60_000,
  })

  it('plays a whole drill by the model answers, and says so', () => {
    expect(status).toBe(0)
    expect(stdout).toContain('Model answer: acknowledge revoke-sessions and type web-app.')
    expect(stderr).not.toMatch(/warning|error|exit/i)
  })

  it('shows every stage, each once, in the order of the runbook', () => {
    const heads = [...stdout.matchAll(/^ ?(\d+) ([a-z]+-[a-z-]+) /gm)].map((match) => match[2])
    expect(heads).toEqual(STAGES)
  })

  it('shows the attacker let in before the revocation and refused after it', () => {
    // In the seconds between the two the deny spreads: either may be seen then.
    const [before = ''] = stdout.split('established: revocation')
    const [early = '', ...later] = stdout.split('AWSRevokeOlderSessions stands')
    const after = later.join()
    expect(early).toMatch(/attacker .* ok$/m)
    expect(before).not.toMatch(/attacker .* refused/)
    expect(after).toMatch(/attacker .* refused, explicit deny/)
    // Nothing denies GetCallerIdentity.
    expect(after.match(/attacker .* ok$/gm)?.filter((line) => !line.includes('sts:GetCallerIdentity')) ?? []).toEqual([])
  })

  it('shows the old key, the new key and the verdict', () => {
    expect(stdout).toContain(`old key: ${STOLEN}`)
    const [, fresh] = /new key: (ASIA[A-Z0-9]{16})/.exec(stdout) ?? []
    expect(fresh).toBeDefined()
    expect(fresh).not.toBe(STOLEN)
    expect(stdout).toMatch(/^ +ROTATED: /m)
    expect(stdout).toMatch(/ended: finished, 7 changes made, exit 0/)
  })

  it('shows where the report lies, and there it lies', () => {
    const [, report = ''] = /^ report: (.+)$/m.exec(stdout) ?? []
    expect(existsSync(report)).toBe(true)
    expect(readFileSync(report, 'utf8')).toContain(STOLEN)
  })

  it('writes nothing that a terminal would obey', () => {
    expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u)
  })
})

describe('drill --yes --json', () => {
  const env = { HOME: home(), PATH }
  const ran = runBin(['drill', '--yes', '--json'], { env })

  it('ends completed', () => {
    expect(ran.code).toBe(0)
    expect(endedOf(ran)).toMatchObject({ type: 'ended', ending: 'completed', exitCode: 0, writes: 6, unproven: [], alarms: [] })
  })

  it('is one JSON object a line, in ASCII, and nothing on the error stream', () => {
    expect(eventsOf(ran).every(({ type }) => typeof type === 'string')).toBe(true)
    expect(ran.stdout).toMatch(/^[\n -~]+$/)
    expect(ran.stderr).toBe('')
  })

  it('enters every stage in the order of the runbook, and establishes each', () => {
    expect(stagesEntered(ran)).toEqual(STAGES)
    // An instance is renewed by its restart.
    expect(stagesEstablished(ran)).toEqual(new Set(STAGES.filter((id) => !UNDONE.includes(id))))
  })

  it('keeps its journal apart from those of real incidents', () => {
    expect(runBin(['incidents', '--json'], { env })).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(leftIn(env.HOME)).toContain(`.local/state/ir-cred/drills/${endedOf(ran).incident}/journal.ndjson`)
  })
})

describe('drill --dry-run --json', () => {
  const env = { HOME: home(), PATH }
  const ran = runBin(['drill', '--dry-run', '--json'], { env })

  it('changes nothing: the simulated account counts no write', () => {
    expect(ran.code).toBe(0)
    expect(endedOf(ran)).toMatchObject({ ending: 'completed', exitCode: 0, writes: 0 })
    expect(eventsOf(ran).filter(({ type }) => ['intended', 'sent', 'approved'].includes(type))).toEqual([])
  })

  it('walks all stages', () => {
    expect(stagesEntered(ran)).toEqual(STAGES)
  })

  it.each([
    ['revoke-sessions', 'iam:PutRolePolicy'],
    ['preserve-evidence', 'ec2:CreateSnapshots'],
    ['restart-instance', 'ec2:StopInstances'],
    ['restart-instance', 'ec2:StartInstances'],
    ['verify-rotation', 'ssm:SendCommand'],
  ])('shows what %s would do: %s', (stage, operation) => {
    const effects = eventsOf(ran).flatMap((event) => (event.stage === stage ? (event.effects ?? []) : []))
    const effect = effects.find((one) => one.operation === operation)
    expect(effect?.resource).toBeTruthy()
    expect(effect?.sentence).toBeTruthy()
  })

  it('leaves nothing behind', () => {
    expect(leftIn(env.HOME).filter((path) => path.includes('state'))).toEqual([])
  })
})

describe('drill left-behind', () => {
  const { code, stdout } = runBin(['drill', 'left-behind', '--yes'], { env: { HOME: home(), PATH } })

  // The chained session lives an hour, and has mostly expired when CloudTrail has shown everything.
  it('ends as not confirmed where a key of the attacker is in use, and does not keep quiet about what is still there', () => {
    expect(code).toBe(6)
    expect(stdout).toMatch(/A KEY OF THE ATTACKER IS IN USE: /)
    expect(stdout).toMatch(/STILL THERE: .*\n +aws ec2 revoke-security-group-ingress /)
    expect(stdout).toMatch(/^ left: +10 persistence artefacts are still there, 1 was changed since/m)
    expect(stdout).toMatch(/^ unproven: +that the attacker has no way back/m)
  })
})

describe('drill --no-input', () => {
  it('declines: exit 3, nothing changed, the command that goes on, and it does', () => {
    const env = { HOME: home(), PATH }
    const { code, stdout, stderr } = runBin(['drill', 'no-instance-details', '--no-input'], { env })
    expect(code).toBe(3)
    expect(stdout).toContain('ended: stopped because a change was declined, no change made, exit 3')
    expect(stderr).toContain('revoke-sessions was not approved')
    const [, next = ''] = /^ next: (.+)$/m.exec(stdout) ?? []
    expect(next).toBe(`${IR_CRED} drill no-instance-details --yes`)
    expect(runBin(argumentsOf(next), { env }).code).toBe(0)
  })

  it('drill --no-input --json says the same in its last event', () => {
    const ran = runBin(['drill', '--no-input', '--json'], { env: { HOME: home(), PATH } })
    expect(ran.code).toBe(3)
    expect(endedOf(ran)).toMatchObject({ ending: 'declined', exitCode: 3, writes: 0, continueWith: `${IR_CRED} drill --yes` })
  })
})

describe('drill', () => {
  it('--list names the scenarios, for people and for scripts', () => {
    const ran = runBin(['drill', '--list', '--json'])
    expect(ran.code).toBe(0)
    expect(eventsOf(ran).map(({ id }) => id)).toEqual(everyScenarioId)
    const { stdout } = runBin(['drill', '--list'])
    for (const id of everyScenarioId) expect(stdout).toContain(`${id}\n`)
  })

  it('--skip leaves a stage out, and what needs it says so', () => {
    const ran = runBin(['drill', '--yes', '--json', '--skip', 'restart-instance'])
    expect(
      eventsOf(ran)
        .filter(({ type }) => type === 'skipped')
        .map(({ stage }) => stage),
    ).toEqual(['close-access', 'restart-instance'])
    expect(eventsOf(ran).find(({ type, stage }) => type === 'notApplicable' && stage === 'verify-rotation')?.why).toMatch(
      /restart/,
    )
    expect(endedOf(ran).writes).toBeLessThan(6)
    expect(ran.code).not.toBe(0)
  })

  it('--approve approves what it names and nothing else', () => {
    const ran = runBin(['drill', '--json', '--approve', 'revoke-sessions,preserve-evidence'])
    expect(ran.code).toBe(3)
    expect(eventsOf(ran).find(({ type }) => type === 'declined')?.stage).toBe('restart-instance')
    expect(endedOf(ran).writes).toBe(2)
  })

  it('--at begins the account’s time there', () => {
    const ran = runBin(['drill', '--dry-run', '--json', '--at', '2025-03-30T01:30:00Z'])
    expect(eventsOf(ran).find(({ at }) => at !== undefined)?.at).toMatch(/^2025-03-30T01:3\d:/)
  })

  it('says that it ignores an account of the responder’s', () => {
    const { code, stdout } = runBin(['drill', '--dry-run', '--profile', 'prod', '--endpoint-url', 'http://127.0.0.1:1'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/ignores --profile, --endpoint-url$/m)
  })
})
