import { describe, expect, it } from 'vitest'
import type { Activity } from '../../../src/incident/facts/activity.ts'
import { chainedSessionBlocks } from '../../../src/investigation/sections/chained-sessions.ts'
import { headBlocks } from '../../../src/investigation/sections/head.ts'
import { newlyObservedBlocks } from '../../../src/investigation/sections/newly-observed.ts'
import { persistenceSection } from '../../../src/investigation/sections/persistence.ts'
import { volumeBlocks } from '../../../src/investigation/sections/volume.ts'
import { blockText } from '../../support/block-text.ts'
import { activityFrom } from '../activity-builder.ts'
import { type Document, documentOf, after as secondsLater } from '../records.ts'

const of = (service: string, eventName: string, requestParameters: object, parts: Document = {}): Document =>
  documentOf({ eventSource: `${service}.amazonaws.com`, eventName, readOnly: false, requestParameters, ...parts })

const secret = (at: number, secretId = 'app/db'): Document =>
  of('secretsmanager', 'GetSecretValue', { secretId }, { eventTime: secondsLater(at), readOnly: true })
const secrets = Array.from({ length: 300 }, (_, at) => secret(at))
const policyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
const backdoor = [
  of('iam', 'CreateUser', { userName: 'eve' }, { eventTime: secondsLater(400) }),
  of('iam', 'CreateAccessKey', { userName: 'eve' }, { eventTime: secondsLater(401) }),
  of('iam', 'AttachUserPolicy', { userName: 'eve', policyArn }, { eventTime: secondsLater(402) }),
]
const lines = (activity: Activity): readonly string[] => blockText(persistenceSection(activity)).split('\n')
const firstLines = async (documents: readonly Document[], rows?: number): Promise<string> =>
  blockText(headBlocks(await activityFrom(documents, rows === undefined ? {} : { rows })))

describe('the order of gravity', () => {
  it('300 reads of one secret are one line, behind the user, its key and its rights', async () => {
    const shown = lines(await activityFrom([...secrets, ...backdoor])).filter((line) => line.startsWith('- '))
    expect(shown.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      `policy ${policyArn}`,
      'access key',
      'user eve',
      'secret app/db,',
    ])
    expect(shown.at(-1)).toMatch(/\(300 times, last \S+\)/)
  })

  it('many secrets are cut at the end of the list, and counted by kind', async () => {
    const many = Array.from({ length: 80 }, (_, at) => secret(at, `app/db-${at}`))
    const words = lines(await activityFrom([...many, ...backdoor]))
    expect(words[0]).toContain('83 persistence artefacts are in place')
    expect(words.slice(1, 4).join('\n')).toContain('user eve')
    expect(words.join('\n')).toContain('75 more are not shown here: 75 reads and copies')
  })

  it('--full shows every row', async () => {
    const many = Array.from({ length: 80 }, (_, at) => secret(at, `app/db-${at}`))
    const activity = await activityFrom(many)
    const shown = blockText(persistenceSection(activity, 'full'))
    expect(shown).not.toContain('not shown here')
    expect(shown).toContain('app/db-79')
  })

  it('counts come from the whole, whatever a fact has room for, and what is kept is the gravest', async () => {
    const many = Array.from({ length: 30 }, (_, at) => secret(at, `app/db-${at}`))
    const activity = await activityFrom([...many, ...backdoor], { rows: 4 })
    expect(activity.artefacts.rows.map(({ eventName }) => eventName)).toEqual([
      ...['GetSecretValue', 'CreateUser', 'CreateAccessKey', 'AttachUserPolicy'],
    ])
    expect(lines(activity)[0]).toContain('33 persistence artefacts are in place')
  })

  it('a remedy stands there for everything in place, also for what the list does not show', async () => {
    const many = Array.from({ length: 80 }, (_, at) => secret(at, `app/db-${at}`))
    const words = blockText(persistenceSection(await activityFrom(many)))
    expect(words.match(/rotate-secret/g)).toHaveLength(80)
  })

  it('what is undone has no remedy, and stands behind what is in place of its class', async () => {
    const share = (imageId: string, part: string, at: number): Document =>
      of(
        ...([
          'ec2',
          'ModifyImageAttribute',
          { imageId, launchPermission: { [part]: { items: [{ userId: '999988887777' }] } } },
        ] as const),
        { eventTime: secondsLater(at) },
      )
    const shares = [share('ami-00000001', 'add', 0), share('ami-00000001', 'remove', 1), share('ami-00000002', 'add', 2)]
    const words = lines(await activityFrom(shares))
    expect(words[0]).toContain('1 persistence artefact is in place as far as the records show, 1 other is no longer in place')
    expect(words[1]).toContain('ami-00000002')
    expect(words[2]).toMatch(/ami-00000001.*no longer in place since/)
    expect(words.join('\n')).not.toContain('--image-id ami-00000001')
  })
})

describe('the rare write and its address', () => {
  const reads = Array.from({ length: 60 }, (_, at) => ({
    ...documentOf({ eventName: `Get${at}`, sourceIPAddress: `198.51.100.${at}`, userAgent: `agent-${at}` }),
  }))
  const busy = reads.flatMap((read) => [read, { ...read, eventID: `${String(Reflect.get(read, 'eventID'))}-again` }])
  const rare = of('iam', 'CreateUser', { userName: 'eve' }, { sourceIPAddress: '203.0.113.66', userAgent: 'curl' })

  it('are the first rows of their tables', async () => {
    const { ips, apis, userAgents } = await activityFrom([...busy, rare], { rows: 3 })
    expect(ips.rows[0]).toMatchObject({ ip: { untrusted: '203.0.113.66' }, gravest: 'iam:CreateUser' })
    expect(apis.rows[0]).toMatchObject({ api: 'CreateUser' })
    expect(userAgents.rows[0]).toMatchObject({ userAgent: { untrusted: 'curl' } })
  })

  it('are not cut from the tables for people', async () => {
    const words = blockText(volumeBlocks(await activityFrom([...busy, rare]), false))
    expect(words).toContain('203.0.113.66')
    expect(words).toContain('iam:CreateUser')
  })

  it('many new APIs do not hide the new address', async () => {
    const before = documentOf({ eventTime: secondsLater(-20 * 86_400) })
    const scope = { from: secondsLater(-60) }
    const activity = await activityFrom([before, ...busy, rare], { question: { scope } })
    const words = blockText(newlyObservedBlocks(activity))
    expect(words).toContain('new: address; what: 203.0.113.66')
    expect(words).toMatch(/50 more addresses, 51 more APIs, 51 more user agents are not shown here/)
  })
})

describe('requests for sessions', () => {
  const assume = (roleArn: string, parts: Document = {}): Document => of('sts', 'AssumeRole', { roleArn }, parts)
  it('refused ones of one role are one line, behind those that were granted', async () => {
    const refused = Array.from({ length: 200 }, () => assume('arn:aws:iam::111122223333:role/a', { errorCode: 'AccessDenied' }))
    const granted = assume('arn:aws:iam::111122223333:role/z', {
      responseElements: { credentials: { accessKeyId: 'ASIAXCSEC6TNCHAINED1' } },
    })
    const shown = blockText(chainedSessionBlocks(await activityFrom([...refused, granted], { rows: 500 }))).split('\n')
    const lines = shown.filter((line) => line.includes('role/'))
    expect(lines).toHaveLength(2)
    expect(shown[1]).toContain('role/z')
    expect(shown[2]).toMatch(/role\/a at \S+ \(200 times, last \S+\), refused \(AccessDenied\)/)
  })
})

describe('the first lines', () => {
  it('say whose credentials they are, the period, and the gravest facts', async () => {
    const words = await firstLines([...secrets, ...backdoor])
    expect(words).toContain('whose: role web-app, session of instance i-08faaaafb15777f5a, account 111122223333')
    expect(words).toMatch(/period: \S+ to \S+: 303 calls, 303 succeeded, 0 failed/)
    const facts = words.split('\n').filter((line) => line.startsWith('- '))
    expect(facts).toHaveLength(4)
    expect(facts[0]).toContain('administrator rights')
    expect(facts[3]).toContain('300 calls')
  })

  it('name the finding', async () => {
    const activity = await activityFrom([documentOf()])
    const words = blockText(headBlocks(activity, { type: 'UnauthorizedAccess:IAMUser/X', id: '5ab1' }))
    expect(words).toContain('finding: UnauthorizedAccess:IAMUser/X, 5ab1')
  })

  it('call a dry run what it is', async () => {
    const words = await firstLines([of('ec2', 'RunInstances', {}, { errorCode: 'Client.DryRunOperation' })])
    expect(words).toMatch(/- dry run that would have succeeded: instances/)
    expect(words).not.toContain('failed: ')
  })

  it('tell destruction and reads of data that leave nothing, a kind each', async () => {
    const words = await firstLines([
      of('s3', 'DeleteObjects', { bucketName: 'orders' }),
      documentOf({ eventSource: 's3.amazonaws.com', eventName: 'GetObject' }),
      ...Array.from({ length: 30 }, () => documentOf({ eventName: 'ListBuckets' })),
    ])
    const facts = words.split('\n').filter((line) => line.startsWith('- '))
    expect(facts).toEqual([
      '- destroyed by s3:DeleteObjects, 1 call that succeeded',
      '- data read by s3:GetObject, 1 call that succeeded',
      '- called s3:ListBuckets, 30 calls that succeeded',
    ])
  })

  it('of several callers, name the one with most calls and how many more there are', async () => {
    const other = { type: 'IAMUser', principalId: 'AIDAEXAMPLE', userName: 'adam', accountId: '111122223333' }
    const documents = [documentOf(), documentOf(), documentOf({ userIdentity: other })]
    const activity = await activityFrom(documents, { principal: { kind: 'ip', value: '198.51.100.23' } })
    expect(blockText(headBlocks(activity))).toContain('whose: mostly role web-app, ')
    expect(blockText(headBlocks(activity))).toContain('; 1 more caller')
  })
})
