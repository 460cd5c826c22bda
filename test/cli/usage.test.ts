import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { apiFinding } from '../incident/finding/findings.ts'
import { endedOf } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import type { Ran } from '../support/run-bin.ts'
import { ranCommandLine } from '../support/run-command-line.ts'

const COMMANDS = ['respond', 'drill', 'simulate', 'investigate', 'findings', 'incidents', 'report', 'audit', 'policy', 'doctor']

const home = emptyHomes()
const folder = home()
const run = (args: readonly string[], input = ''): Promise<Ran> => ranCommandLine(args, { env: { HOME: home() }, input })

/** A file of the test's own; gives its path. */
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

/** A stack trace, or a word that only a program has for what happened. */
const PROGRAM_SPEECH = /^ +at .*:\d+:\d+|undefined|\[object|Error\b|\bNaN\b|\bbug\b/m

/** A state directory with one incident, whose journal was cut off before the first line was whole. */
const cutOff = (journal: string): string => {
  const root = home()
  mkdirSync(join(root, 'web-app-1125-7f3a'), { mode: 0o700 })
  writeFileSync(join(root, 'web-app-1125-7f3a', 'journal.ndjson'), journal, { mode: 0o600 })
  return root
}

const CUT_OFF = /no incident web-app-1125-7f3a here.*had changed nothing\n → .*`ir-cred respond <finding-id>`/

const WHOLE = JSON.stringify(apiFinding)
const CUT = file('cut.json', WHOLE.slice(0, 500))
const ROLE = 'arn:aws:iam::111122223333:role'

describe.concurrent('a command line that cannot be meant ends with 2 and a sentence', () => {
  it.each<readonly [args: readonly string[], sentence: RegExp]>([
    [['rescue'], /unknown command "rescue"/],
    [['respnod'], /unknown command "respnod"\n → Did you mean respond\?/],
    [['--force'], /unknown option "--force"/],
    [['respond', '--force'], /unknown option "--force"/],
    [['drill', '--jsno'], /unknown option "--jsno"\n → Did you mean --json\?/],
    [['drill', 'custom-threat-list', 'looks-rotated'], /too many arguments/],
    [['report'], /missing required argument 'incident'/],
    [['respond', '--region'], /'--region <region>' argument missing/],
    [['drill', 'no-such-scenario'], /no scenario "no-such-scenario"\n → .*custom-threat-list, /],
    [['simulate', 'no-such-scenario'], /no scenario "no-such-scenario"/],
    [['drill', '--skip', 'restart'], /names no stage: "restart"\n → .*restart-instance/],
    [['drill', '--approve', 'everything'], /names no stage: "everything"/],
    [['respond', '--skip', 'restart'], /names no stage: "restart"/],
    [['findings', '--region', 'us-esat-1'], /--region "us-esat-1" is not a Region\n → did you mean us-east-1\?/],
    [['respond', '--region', 'us-east-1,us-wset-2'], /did you mean us-west-2\?/],
    [['doctor', '--region', 'us-esat-1'], /did you mean us-east-1\?/],
    [['respond', '--region', 'Frankfurt'], /"Frankfurt" is not a Region\n → write it as us-east-1/],
    [['respond', 'f.json', '--revoke', 'all'], /--revoke.*"all" is invalid/],
    [['respond', '--user', 'bob', '--revoke', 'session'], /--revoke session denies one session of a role, and --user/],
    [['respond', '--access-key-id', 'AKIAXCSEC6TNMALLORY1', '--revoke', 'session'], /this is a long-term key of a user/],
    [['respond', '--athena', 'trail'], /"trail" is not the name of an Athena table/],
    [['respond', '--athena', "logs.trail'--"], /is not the name of an Athena table/],
    [['respond', '--lake', 'store'], /"store" is not an event data store of CloudTrail Lake/],
    [['respond', '--athena', 'logs.trail', '--lake', 'x'], /--athena and --lake were both given\n → name one of them/],
    [['respond', '--athena', 'logs.trail', '--athena-output', 'results'], /"results" is not a folder for Athena’s results/],
    [['respond', '--athena', 'logs.trail', '--athena-workgroup', 'a b'], /"a b" is not an Athena workgroup/],
    [['respond', '--athena-workgroup', 'ir'], /--athena-workgroup was given without --athena/],
    [['respond', '--max-bytes', '1000'], /--max-bytes was given without --athena or --lake/],
    [['respond', '--athena', 'logs.trail', '--max-bytes', 'all'], /--max-bytes "all" is not a whole number/],
    [['drill', '--athena', 'logs.trail'], /unknown option "--athena"/],
    [['respond', '--proof-wait', 'soon'], /"soon" is not a duration\n → write it as 90s, 15m or 2h/],
    [['respond', '--wait', 'later'], /"later" is not a duration/],
    [['findings', '--age', '2 weeks'], /"2 weeks" is not a duration/],
    [['findings', '--min-severity', 'high'], /--min-severity "high" is not a number from 0 to 10\n → /],
    [['simulate', '--port', 'http'], /--port "http" is not a whole number from 0 to 65535\n → /],
    [['simulate', '--port', '65536'], /--port "65536" is not/],
    [['simulate', '--pace', 'slow'], /neither fast/],
    [['drill', '--at', 'midnight'], /"midnight" is not a time\n → write it as 2026-11-25T02:00:00Z/],
    [['policy', 'admin'], /no policy "admin"\n → choose one of observe, contain, verify, respond/],
    [['report', 'web-app-1125-7f3a', '--format', 'pdf'], /no report format pdf\n → /],
    [['report', 'web-app-1125-7f3a'], /no incident web-app-1125-7f3a here.*\n → .*`ir-cred incidents`/],
    [['report', '../../etc'], /is not an incident's id/],
    [['audit'], /missing required argument 'incident'/],
    [['audit', 'web-app-1125-7f3a'], /no incident web-app-1125-7f3a here.*\n → .*`ir-cred incidents`/],
    [['audit', '../../etc'], /is not an incident's id/],
    [['respond', '--incident', 'web-app-1125-7f3a'], /no incident web-app-1125-7f3a here.*\n → .*`ir-cred incidents`/],
    ...['', '{"entry":{"at"'].flatMap((journal): (readonly [readonly string[], RegExp])[] => [
      [['respond', '--incident', 'web-app-1125-7f3a', '--state-dir', cutOff(journal)], CUT_OFF],
      [['report', 'web-app-1125-7f3a', '--state-dir', cutOff(journal)], CUT_OFF],
    ]),
    [['respond', '--incident', 'CON'], /"CON" is not an incident's id/],
    [['respond', '--access-key-id', 'ASIA123'], /"ASIA123" is not an access key id\n → /],
    [['respond', '--access-key-id', 'AROAXCSEC6TNB2WZPQ7LK'], /is the unique id of a role, not an access key id/],
    [['respond', '--role', 'web app'], /"web app" is not a role\n → /],
    [['respond', '--role', `${ROLE}/a b`], /is not a role/],
    [['respond', '--instance-id', 'i-123'], /"i-123" is not an instance id\n → /],
    [['respond', '--instance-id', 'mi-0123456789abcdef0'], /hybrid node, not an EC2 instance/],
    [['respond', '--role', 'web-app', '--instance-id', 'i-08faaaafb15777f5a'], /more than one thing to look for/],
    [['respond', '5ac1b2c3'], /"5ac1b2c3" is not a finding.*there is no such file/],
    [['respond', folder], /it is a directory/],
    [['respond', CUT], /cut\.json" is cut off: it ends at line 1, column 501 \(byte offset 500\)/],
    [['respond', file('none.json', '')], /none\.json" is empty/],
    [['respond', file('not.json', 'see attachment')], /not\.json.*line 1, column 1/],
    [['respond', file('other.json', '{"Records":[]}')], /\n → /],
    [['respond', file('utf16.json', Buffer.from(`\ufeff${WHOLE}`, 'utf16le'))], /UTF-16/],
    [['respond', '-'], /standard input is empty/],
    [['simulate', '--finding', CUT], /cut\.json" is cut off/],
    [['simulate', '--finding', join(folder, 'absent.json')], /absent\.json" cannot be read/],
    [['drill', '--answers', join(folder, 'absent.json')], /answers file .* there is no such file\n → /],
    [['drill', '--answers', file('list.json', '[]')], /it is not a JSON object/],
    [['drill', '--answers', file('answers.json', '{"revoke-sessions": true}')], /every answer must be a string/],
    [
      ['drill', '--answers', file('typo.json', '{"revoke-session": "approve"}')],
      /answers what nobody asks: "revoke-session"\n → the stages and questions are: .*revoke-sessions/,
    ],
    [['respond', '--role', 'a', '--role', 'b'], /--role was given more than once\n → give it once/],
    [['drill', '--at', '2026-11-25T02:00:00Z', '--at', '2026-11-25T03:00:00Z'], /--at was given more than once/],
    [['simulate', '--pace', 'fast', '--pace', 'real'], /--pace was given more than once/],
    [['respond', '--access-key-id', '--yes'], /--access-key-id has no value: --yes is another option\n → give a value/],
    [['investigate', '--logs', '--json'], /--logs has no value: --json is another option/],
    [
      ['respond', '--access-key-id', 'asiaxcsec6tngz6ezuuo'],
      /"asiaxcsec6tngz6ezuuo" is not an access key id\n → did you mean ASIAXCSEC6TNGZ6EZUUO\?/,
    ],
    [['investigate'], /nobody to investigate was named\n → name one: --access-key-id/],
    [['investigate', '--access-key-id', 'ASIA123'], /"ASIA123" is not an access key id/],
    [['investigate', '--access-key-id', 'AROAXCSEC6TNB2WZPQ7LK'], /is the unique id of a role/],
    [['investigate', '--instance-id', 'web-1'], /"web-1" is not an instance id\n → /],
    [['investigate', '--ip', '198.51.100.1', '--athena', 'ab'], /"?ab"? is not.*table|database\.table/],
    [['investigate', '--ip', '198.51.100.1', '--lake', 'foo'], /foo.* is not an event data store/],
    [['investigate', '--ip', '10.0.0.0/8'], /"10\.0\.0\.0\/8" is not an IP address\n → .*not a network/],
    [['investigate', '--ip', '198.51.100'], /is not an IP address/],
    [['investigate', '--user', 'support', '--since', 'yesterday'], /--since "yesterday" is not a time/],
    [['investigate', '--user', 'support', '--athena', 'logs.trail', '--lake', 'x'], /more than one source was named/],
    [
      ['investigate', '--user', 'support', '--logs', join(folder, 'absent')],
      /no log files at ".*absent": no such file or folder/,
    ],
    [['investigate', '--user', 'support', '--geoip', CUT], /cannot look addresses up in .*cut\.json/],
    [['findings'], /no Region is set\n → name one with --region, or set AWS_REGION/],
  ])('%j', async (args, sentence) => {
    const { code, stdout, stderr } = await run(args)
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(PROGRAM_SPEECH)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it.each(['respond', 'investigate'])('a secret typed for a key id is not shown again by %s', async (command) => {
    const secret = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00'
    const { code, stdout, stderr } = await run([command, '--access-key-id', secret])
    expect(code).toBe(2)
    expect(stderr).toMatch(/looks like a secret/)
    expect(stdout + stderr).not.toContain(secret)
  })

  it('what was typed is shown without what a terminal would obey', async () => {
    const { code, stderr } = await run(['drill', '\u001b[2J\u202egone'])
    expect(code).toBe(2)
    expect(stderr).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
  })

  it.each([
    [['respond', '--json', '--region', 'us-esat-1']],
    [['respond', '--json', '--profile', 'a', '--profile', 'b']],
    [['respond', '--proof-wait', '-5m', '--json']],
    [['drill', '--json', '--no-such-option']],
  ])('%j is refused with a last event too, as every run that a script reads', async (args) => {
    const ran = await run(args)
    expect(ran.code).toBe(2)
    expect(endedOf(ran)).toMatchObject({ type: 'ended', ending: 'failed', exitCode: 2, incident: '', writes: 0 })
  })

  it('truncated JSON on standard input is reported with its place, and to a script as its last event', async () => {
    const ran = await run(['respond', '-', '--json'], WHOLE.slice(0, 500))
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/standard input is cut off: it ends at line 1, column 501/)
    expect(endedOf(ran)).toMatchObject({ type: 'ended', ending: 'failed', exitCode: 2, writes: 0 })
  })
})

describe.concurrent('help', () => {
  it.each(
    COMMANDS.flatMap((command) => [
      [command, '--help'],
      [command, '-h'],
      ['help', command],
    ]),
  )('%s %s shows usage, options and examples', async (...args) => {
    const { code, stdout, stderr } = await run(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: ir-cred /)
    expect(stdout).toMatch(/^Options:$/m)
    expect(stdout).toMatch(/^Examples:\n(?: {2}\S.*\n)+/m)
  })

  it.each([['--help'], ['-h'], ['help']])('%s shows every command, examples and the exit codes', async (flag) => {
    const { code, stdout, stderr } = await run([flag])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    expect(stdout).toMatch(/^Examples:$/m)
    expect(stdout).toMatch(/^Exit codes: 0 finished .*\n.*130 interrupted\.$/m)
  })

  it('is what somebody gets who types nothing, on the error stream', async () => {
    const { code, stdout, stderr } = await run([])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^Usage: ir-cred /)
  })

  it('does not offer a drill what only a real account has', async () => {
    const { stdout } = await run(['drill', '--help'])
    expect(stdout).not.toMatch(/--profile|--endpoint-url|--incident/)
  })

  it.each(['--version', '-V'])('%s is answered by every command', async (flag) => {
    expect(await run(['respond', flag])).toEqual({ code: 0, stdout: `0.0.0\n`, stderr: '' })
  })
})

describe.concurrent('policy', () => {
  interface Printed {
    readonly Effect: string
    readonly Action: readonly string[]
  }
  const isDenyOfChangingRoles = ({ Effect, Action }: Printed): boolean =>
    Effect === 'Deny' && Action.length > 0 && Action.every((name) => /^iam:\w+Role\w*$/.test(name))

  it.each([[], ['respond'], ['observe'], ['contain'], ['verify']])(
    'policy %s is an IAM policy document, which denies nothing but changes of roles',
    async (...set) => {
      const { code, stdout } = await run(['policy', ...set])
      expect(code).toBe(0)
      const { Version, Statement } = JSON.parse(stdout)
      expect(Version).toBe('2012-10-17')
      expect(
        Statement.filter(({ Effect, Action }: Printed) => !(Effect === 'Allow' && Action.length > 0)).every(
          isDenyOfChangingRoles,
        ),
      ).toBe(true)
    },
  )

  it('warns of the right to write role policies where it is given, and only there', async () => {
    const [contain, observe] = await Promise.all([run(['policy', 'contain']), run(['policy', 'observe'])])
    expect(contain.stderr).toMatch(/^WarningMayPutAnyPolicyOnAnyRole: iam:PutRolePolicy can give a role any right/)
    expect(observe).toMatchObject({ stderr: '' })
    expect(observe.stdout).not.toContain('PutRolePolicy')
  })
})
