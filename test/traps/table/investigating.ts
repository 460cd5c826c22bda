import { type Document, documentOf, identity, KEY, after as later } from '../../investigation/records.ts'
import { type Investigated, inShort, investigate, logOf } from './runs.ts'
import type { Trap } from './trap.ts'

const ANALYSIS = 'src/investigation/analysis'

const of = (service: string, eventName: string, requestParameters: object, at: number, parts: Document = {}): Document =>
  documentOf({
    ...{ eventSource: `${service}.amazonaws.com`, eventName, readOnly: false, requestParameters },
    ...{ eventTime: later(at), ...parts },
  })

/** Somebody of the account, with a key of his own. */
const byAlice: Document = {
  userIdentity: {
    ...{ type: 'IAMUser', principalId: 'AIDAALICE', arn: 'arn:aws:iam::111122223333:user/alice', userName: 'alice' },
    ...{ accountId: '111122223333', accessKeyId: 'AKIAALICE00000000001' },
  },
}

const byKey = (documents: readonly Document[], ...args: readonly string[]): Promise<Investigated> =>
  investigate({ 'log.json': logOf(documents) }, ['--access-key-id', KEY, '--json', ...args])

interface Left {
  readonly left: string
  readonly eventName: string
  readonly undoneBy?: unknown
}

const leftIn = ({ activity }: Investigated): readonly Left[] => activity?.persistence ?? []
const toldOf = (ran: Investigated): string =>
  leftIn(ran)
    .slice(0, 3)
    .map(({ left }) => left)
    .join(', ')

/** What the logs show, and what follows from it. */
export const investigatingTraps: readonly Trap[] = [
  {
    id: 'N23',
    situation: '300 reads of one secret, and then an administrator’s key',
    naive: 'A list cut by time: the back door is not in it',
    meet: async () => {
      const reads = Array.from({ length: 300 }, (_, at) =>
        of('secretsmanager', 'GetSecretValue', { secretId: 'app/db' }, at, { readOnly: true }),
      )
      const policyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
      const ran = await investigate(
        {
          'log.json': logOf([
            ...reads,
            of('iam', 'CreateUser', { userName: 'eve' }, 400),
            of('iam', 'AttachUserPolicy', { userName: 'eve', policyArn }, 402),
          ]),
        },
        ['--access-key-id', KEY, '--plain'],
      )
      const lines = ran.text
        .slice(ran.text.indexOf('\n Persistence'))
        .split('\n')
        .filter((line) => /^\s*- (policy|user|secret) /.test(line))
        .slice(0, 3)
      return {
        did: lines.map((line) => inShort(line.trim(), 60)).join('; '),
        checks: {
          'the administrator’s rights come first': lines[0]?.includes('AdministratorAccess') === true,
          'the reads are one line, behind it': /secret.*app\/db/.test(lines[2] ?? '') && /300\s+(times|calls)/.test(ran.text),
        },
      }
    },
    mutation: {
      file: 'src/incident/facts/gravity.ts',
      find: 'rankOf(a) - rankOf(b) ||',
      replace: '',
    },
  },
  {
    id: 'N25',
    situation: 'The session obtained an identity token for another cloud',
    naive: '“It obtained no other session”',
    meet: async () => {
      const ran = await byKey([of('sts', 'GetWebIdentityToken', { audience: ['https://example.com'] }, 10)])
      const chain = JSON.stringify(ran.activity?.chain ?? [])
      return {
        did: `chain: ${inShort(chain)}`,
        checks: { 'the token is named': chain.includes('GetWebIdentityToken') },
      }
    },
    mutation: {
      file: 'src/investigation/outbound-tokens.ts',
      find: "['sts:GetWebIdentityToken', 'an identity token for services outside AWS'],",
      replace: '',
    },
  },
  {
    id: 'N26',
    situation: 'A folder that holds something else than CloudTrail’s records',
    naive: '“No call of it is in there”, exit 0',
    meet: async () => {
      const ran = await investigate({ 'flow.log': '2 111122223333 eni-1 10.0.0.1 10.0.0.2 443 49152 6 1 1 1 1 ACCEPT OK\n' }, [
        '--access-key-id',
        KEY,
        '--json',
      ])
      return {
        did: `exit ${ran.code}: ${inShort(ran.stderr || ran.text)}`,
        checks: { 'exit 2': ran.code === 2, 'no answer is given': ran.activity === undefined },
      }
    },
    mutation: {
      file: 'src/investigation/sources/log-files.ts',
      find: 'if (answer.events === 0) throw noRecords(paths, answer)',
      replace: '',
    },
  },
  {
    id: 'N27',
    situation: 'The trail was stopped for three hours in the middle',
    naive: 'Not a word: silence looks like no call',
    meet: async () => {
      const trail = (eventName: string, at: number) => of('cloudtrail', eventName, { name: 'main' }, at, byAlice)
      const ran = await byKey([
        documentOf({ eventTime: later(0) }),
        trail('StopLogging', 60),
        trail('StartLogging', 10_860),
        documentOf({ eventTime: later(11_000) }),
      ])
      const gaps = ran.activity?.coverage?.gaps ?? []
      return { did: `${gaps.length} gaps: ${inShort(JSON.stringify(gaps))}`, checks: { 'the gap is named': gaps.length === 1 } }
    },
    mutation: { file: `${ANALYSIS}/logging-gaps.ts`, find: 'gaps.push({ stopped, started: change })', replace: '' },
  },
  {
    id: 'N29',
    situation: 'A user that the session made was deleted by an administrator since',
    naive: 'Reports the user as still there, with a remedy that fails',
    meet: async () => {
      const ran = await byKey([
        of('iam', 'CreateUser', { userName: 'svc-backup' }, 10),
        of('iam', 'DeleteUser', { userName: 'svc-backup' }, 600, byAlice),
      ])
      const [eve] = leftIn(ran)
      return {
        did: `${toldOf(ran)}: ${eve?.undoneBy ? 'undone' : 'open'}`,
        checks: { 'it is undone, and who undid it is said': JSON.stringify(eve?.undoneBy ?? '').includes('alice') },
      }
    },
    mutation: {
      file: 'src/investigation/undone-by-others.ts',
      find: 'artefacts: events.length === 0 ? found.artefacts :',
      replace: 'artefacts: events.length >= 0 ? found.artefacts :',
    },
  },
  {
    id: 'I10',
    situation: 'A user agent with the control codes of a terminal',
    naive: 'Printed as it is: it clears the screen, and writes “contained”',
    meet: async () => {
      const userAgent = '\u001b[2J\u001b[1;32mCONTAINED\u001b[0m'
      const ran = await investigate({ 'log.json': logOf([documentOf({ userAgent })]) }, ['--access-key-id', KEY, '--plain'])
      return {
        did: inShort(ran.text.split('\n').find((line) => line.includes('CONTAINED')) ?? ''),
        checks: {
          'no control code is printed': !ran.text.includes('\u001b'),
          'the agent is named': ran.text.includes('CONTAINED'),
        },
      }
    },
    mutation: {
      file: 'src/incident/values/delimited.ts',
      find: 'const next = foreignly(unit, marks, inQuotes)',
      replace: 'const next = unit',
    },
  },
  {
    id: 'F03',
    situation: 'Services refuse with other codes: AccessDenied, AccessDeniedException, Client.UnauthorizedOperation',
    naive: 'Counts one exact code',
    meet: async () => {
      const codes = ['AccessDenied', 'AccessDeniedException', 'Client.UnauthorizedOperation', 'UnauthorizedOperation']
      const ran = await byKey(codes.map((errorCode, at) => documentOf({ errorCode, eventTime: later(at) })))
      return {
        did: `${ran.activity?.denied} of ${codes.length} denied`,
        checks: { 'all are denials': ran.activity?.denied === codes.length },
      }
    },
    mutation: {
      file: 'src/investigation/read-record.ts',
      find: "return meaning === 'denied' || meaning === 'throttled' ? meaning : 'failed'",
      replace: "return errorCode === 'AccessDenied' || meaning === 'throttled' ? (meaning as CallOutcome) : 'failed'",
    },
  },
  {
    id: 'I11',
    situation: 'Calls whose source is a service or “AWS Internal”',
    naive: 'Counted as addresses of the attacker',
    meet: async () => {
      const ran = await byKey([
        documentOf({ sourceIPAddress: 'AWS Internal', eventTime: later(1) }),
        documentOf({ sourceIPAddress: 'athena.amazonaws.com', eventTime: later(2) }),
        documentOf({ eventTime: later(3) }),
      ])
      const origins: readonly { source: string; attribution: string }[] = ran.activity?.origins ?? []
      return {
        did: origins.map(({ source, attribution }) => `${source}: ${attribution}`).join(', '),
        checks: {
          'a service is nobody’s address': origins
            .filter(({ source }) => source !== '198.51.100.23')
            .every(({ attribution }) => attribution !== 'external'),
          'each is listed': origins.length === 3,
        },
      }
    },
    mutation: {
      file: `${ANALYSIS}/call-attribution.ts`,
      find: 'if (callingService(call) !== undefined) return',
      replace:
        "if (callingService(call) === source) return ['external', 'not one of ours']\n  if (callingService(call) !== undefined) return",
    },
  },
  {
    id: 'N6',
    situation: 'Calls from an address that no list of the account has, without earlier calls to compare with',
    naive: 'Not in a list, so the attacker’s',
    meet: async () => {
      const ran = await byKey([documentOf({ sourceIPAddress: '192.0.2.77' })])
      const [origin] = ran.activity?.origins ?? []
      return {
        did: `${origin?.source}: ${origin?.attribution}, ${origin?.why}`,
        checks: { 'it is ambiguous': origin?.attribution === 'ambiguous' },
      }
    },
    mutation: {
      file: `${ANALYSIS}/call-attribution.ts`,
      find: ": ['ambiguous', 'there are no earlier calls",
      replace: ": ['external', 'there are no earlier calls",
    },
  },
  {
    id: 'I4',
    situation: 'Logs without data events',
    naive: '“No object was read”',
    meet: async () => {
      const ran = await investigate({ 'log.json': logOf([documentOf({ eventTime: later(1) })]) }, [
        '--access-key-id',
        KEY,
        '--plain',
      ])
      const line = ran.text.split('\n').find((one) => /data events/i.test(one)) ?? 'nothing'
      return {
        did: inShort(line.trim()),
        checks: { 'that there are none is said': /data events/i.test(line) && /(no |none|not )/i.test(line) },
      }
    },
    mutation: {
      file: 'src/investigation/sections/coverage.ts',
      find: "['data events', dataEventsLine(dataEvents > 0 || coverage.hasDataEvents)],",
      replace: '',
    },
  },
  {
    id: 'N28',
    situation: 'One key of a busy role makes ten times its calls',
    naive: 'One threshold for the role: nothing stands out',
    meet: async () => {
      const session = (id: string, key: string): Document => ({
        userIdentity: {
          ...identity,
          accessKeyId: key,
          principalId: `AROAXCSEC6TNB2WZPQ7LK:${id}`,
          arn: `arn:aws:sts::111122223333:assumed-role/web-app/${id}`,
        },
      })
      const DAY = 86_400
      const hour = (day: number, calls: number, who: Document) =>
        Array.from({ length: calls }, (_, n) => documentOf({ eventTime: later(-day * DAY + n), ...who }))
      const busy = Array.from({ length: 16 }, (_, day) => [
        ...hour(day, 60, session('i-0busy0000000busy0', 'ASIABUSY000000000001')),
        ...(day === 0 ? [] : hour(day, 6, session('i-08faaaafb15777f5a', 'ASIAEARLIER000000001'))),
      ]).flat()
      const ran = await byKey([...busy, ...hour(0, 60, session('i-08faaaafb15777f5a', KEY))])
      const spikes = (ran.activity?.volume?.buckets ?? []).filter(({ spikes }: { spikes: unknown[] }) => spikes.length > 0)
      return { did: `${spikes.length} spikes of the key`, checks: { 'its own burst is a spike': spikes.length > 0 } }
    },
    mutation: {
      file: `${ANALYSIS}/volume.ts`,
      find: 'return [{ hours: whole, usual: usual.ofUnit(only) }]',
      replace: 'return [{ hours: whole, usual: usual.whole }]',
    },
  },
  {
    id: 'R32',
    situation: 'The session opened a trust policy to another account',
    naive: 'Revokes the sessions, and leaves the door',
    meet: async () => {
      const policyDocument = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::999988887777:root' }, Action: 'sts:AssumeRole' }],
      })
      const ran = await byKey([of('iam', 'UpdateAssumeRolePolicy', { roleName: 'deploy', policyDocument }, 10)])
      const told = JSON.stringify(leftIn(ran))
      return {
        did: inShort(toldOf(ran)),
        checks: { 'the role is named': told.includes('deploy'), 'who is let in is named': told.includes('999988887777') },
      }
    },
    mutation: {
      file: 'src/investigation/persistence/rules/roles.ts',
      find: "events: ['iam:UpdateAssumeRolePolicy'],",
      replace: "events: ['iam:UpdateAssumeRolePolicyNever'],",
    },
  },
]
