import { GetFindingsCommand, GuardDutyClient, ListDetectorsCommand, ListFindingsCommand } from '@aws-sdk/client-guardduty'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Compromised, otherFindings } from '../../../../src/investigation/enrichment/guardduty/other-findings.ts'
import { ACCOUNT, apiFinding, type Document, INSTANCE, KEY, ROLE_ID } from '../../../incident/finding/findings.ts'
import { mockClient } from '../../../support/mock-client.ts'
import { build } from '../../../support/scenario.ts'
import { awsError } from '../../../support/stage-context.ts'
import { onAccount } from '../../../support/stage-on-account.ts'

const guardduty = mockClient(GuardDutyClient)
beforeEach(() => void guardduty.reset())

const PRINCIPAL = `${ROLE_ID}:${INSTANCE}`
const everything: Compromised = {
  accountId: ACCOUNT,
  accessKeyId: KEY,
  principalId: PRINCIPAL,
  instanceId: INSTANCE,
  roleName: 'web-app',
}

interface Parts {
  readonly key?: string
  readonly principal?: string
  readonly user?: string
  readonly userType?: string
  readonly instance?: string
  readonly first?: string
  readonly archived?: boolean
  readonly more?: Document
}

/** A finding whose id is one letter over and over. */
const finding = (letter: string, parts: Parts = {}): Document => {
  const { key = 'ASIA4EXMPLOTHERKEY00', principal = 'AROA4EXMPLOTHERROLE00:x', user = 'other', userType = 'AssumedRole' } = parts
  const service = apiFinding.Service as Document
  return {
    ...apiFinding,
    Id: letter.repeat(32),
    Resource: {
      ResourceType: 'AccessKey',
      AccessKeyDetails: { AccessKeyId: key, PrincipalId: principal, UserName: user, UserType: userType },
      ...(parts.instance ? { InstanceDetails: { InstanceId: parts.instance } } : {}),
    },
    Service: { ...service, EventFirstSeen: parts.first ?? '2026-11-25T01:30:00Z', Archived: parts.archived ?? false },
    ...parts.more,
  }
}

/** GuardDuty gives these for whatever is asked; what is about somebody else has to be sorted out. */
const gives = (...found: Document[]): void => {
  guardduty.on(ListDetectorsCommand).resolves({ DetectorIds: ['12ab34cd56ef'] })
  guardduty.on(ListFindingsCommand).resolves({ FindingIds: found.map(({ Id }) => String(Id)) })
  guardduty.on(GetFindingsCommand).resolves({ Findings: found as never })
}

const ask = (compromised: Compromised = everything, regions: readonly string[] = ['eu-central-1']) => {
  const credentials = { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x' }
  const client = (region: string) => new GuardDutyClient({ region, credentials, maxAttempts: 1 })
  return otherFindings(compromised, { aws: (region) => ({ guardduty: client(region) }), regions })
}

const aboutOf = async (found: Document, compromised: Compromised = everything) => {
  gives(found)
  return (await ask(compromised)).findings[0]?.about
}

describe('a finding is about', () => {
  it.each<[string, Parts, readonly string[]]>([
    ['the key', { key: KEY }, ['key']],
    ['the session, whatever its key', { principal: PRINCIPAL }, ['session', 'instance', 'role']],
    ['the instance', { instance: INSTANCE }, ['instance']],
    ['the role, by its unique id', { principal: `${ROLE_ID}:i-0aaaaaaaaaaaaaaaa` }, ['role']],
    ['the role, by its name where no id tells', { principal: '', user: 'web-app' }, ['role']],
  ])('%s', async (_, parts, about) => {
    expect(await aboutOf(finding('a', parts))).toEqual(about)
  })

  it.each<[string, Parts]>([
    ['another role that was made again under the name', { user: 'web-app' }],
    ['a user of the role’s name', { user: 'web-app', userType: 'IAMUser', principal: 'AIDA4EXMPLUSER0000000' }],
    ['somebody else', {}],
    ['a role of that name in another member account', { principal: '', user: 'web-app', more: { AccountId: '999999999999' } }],
  ])('nothing of these when it is about %s', async (_, parts) => {
    expect(await aboutOf(finding('a', parts))).toBeUndefined()
  })

  it('a user, where one was compromised', async () => {
    const parts = { user: 'alice', userType: 'IAMUser', principal: 'AIDA4EXMPLUSER0000000' }
    expect(await aboutOf(finding('a', parts), { userName: 'alice' })).toEqual(['user'])
  })
})

describe('findings', () => {
  it('come in the order in which they were first seen, once each, from every Region', async () => {
    gives(
      finding('c', { key: KEY, first: '2026-11-25T03:00:00Z' }),
      finding('a', { key: KEY, first: '2026-11-25T01:00:00Z' }),
      finding('b', { instance: INSTANCE, first: '2026-11-25T02:00:00Z' }),
    )
    const { findings } = await ask(everything, ['eu-central-1', 'us-east-1', 'us-east-1'])
    expect(findings.map((other) => other.finding.id[0])).toEqual(['a', 'b', 'c'])
    expect(guardduty.commandCalls(ListDetectorsCommand)).toHaveLength(2)
  })

  it('findings that are archived or samples are among the others, and marked', async () => {
    gives(finding('a', { key: KEY, archived: true }), finding('b', { key: KEY, more: { Title: '[SAMPLE] x' } }))
    const [archived, sample] = (await ask()).findings
    expect(archived?.finding).toMatchObject({ archived: true, sampleMarks: [] })
    expect(sample?.finding.sampleMarks).toEqual(['the title begins with [SAMPLE]'])
  })

  it('are asked for by every name that is known, archived or not, and attack sequences by their types', async () => {
    gives()
    await ask()
    const criteria = guardduty.commandCalls(ListFindingsCommand).map(({ args }) => args[0].input.FindingCriteria?.Criterion)
    expect(criteria.flatMap((criterion) => Object.keys(criterion ?? {}))).toEqual([
      'resource.accessKeyDetails.accessKeyId',
      'resource.accessKeyDetails.principalId',
      'resource.instanceDetails.instanceId',
      'resource.accessKeyDetails.userName',
      'type',
    ])
  })

  it('are not asked for where nothing is known of anybody', async () => {
    gives(finding('a'))
    expect((await ask({})).findings).toEqual([])
    expect(guardduty.commandCalls(ListFindingsCommand)).toEqual([])
  })

  it('an attack sequence with several actors is read for the actor that is asked about', async () => {
    const actor = (uid: string, principal: string) => ({
      Id: principal,
      User: { Name: 'web-app', Uid: principal, Type: 'AssumedRole', CredentialUid: uid },
    })
    const other = actor('ASIA4EXMPLOTHERKEY00', 'AROA4EXMPLOTHERROLE00:x')
    const sequence = (letter: string, ...Actors: object[]) => ({
      ...finding(letter),
      Type: 'AttackSequence:IAM/CompromisedCredentials',
      Resource: { ResourceType: 'AttackSequence' },
      Service: { ...(apiFinding.Service as Document), Detection: { Sequence: { Actors } } },
    })
    const third = actor('ASIA4EXMPLTHIRDKEY00', 'AROA4EXMPLTHIRDROLE00:y')
    gives(sequence('a', actor(KEY, PRINCIPAL), other), sequence('b', other, third))
    const { findings, incomplete } = await ask()
    expect(findings).toMatchObject([{ about: ['key', 'session', 'instance', 'role'] }])
    expect(incomplete).toEqual([])
  })
})

describe('what is missing is said', () => {
  const refuse = (
    command: typeof ListFindingsCommand | typeof GetFindingsCommand | typeof ListDetectorsCommand,
    name: string,
  ) => {
    gives(finding('a', { key: KEY }))
    guardduty.on(command as never).rejects(awsError(name, 403))
  }

  it.each([
    [ListDetectorsCommand, 'guardduty:ListDetectors is denied'],
    [ListFindingsCommand, 'guardduty:ListFindings is denied'],
    [GetFindingsCommand, 'guardduty:GetFindings is denied'],
  ] as const)('a denied read: %o', async (command, why) => {
    refuse(command as never, 'AccessDeniedException')
    expect(await ask()).toEqual({ findings: [], notEnabled: [], incomplete: [`GuardDuty in eu-central-1: ${why}`] })
  })

  it('a refusal by its code', async () => {
    refuse(ListFindingsCommand, 'BadRequestException')
    expect((await ask()).incomplete).toEqual(['GuardDuty in eu-central-1: guardduty:ListFindings answers BadRequestException'])
  })

  it('a list that does not end', async () => {
    gives(finding('a', { key: KEY }))
    guardduty.on(ListFindingsCommand).resolves({ FindingIds: ['a'.repeat(32)], NextToken: 'again' })
    const { findings, incomplete } = await ask()
    expect(findings).toHaveLength(1)
    expect(incomplete).toEqual([expect.stringMatching(/list of findings is incomplete: the service repeated a page token/)])
  })

  it('a finding that cannot be read', async () => {
    gives(finding('a', { key: KEY, more: { UpdatedAt: 'yesterday' } }), finding('b', { key: KEY }))
    const { findings, incomplete } = await ask()
    expect(findings).toHaveLength(1)
    expect(incomplete).toEqual([`GuardDuty in eu-central-1: 1 finding could not be read: ${'a'.repeat(32)}`])
  })

  it('a Region without GuardDuty', async () => {
    guardduty.on(ListDetectorsCommand).resolves({ DetectorIds: [] })
    expect(await ask()).toEqual({ findings: [], notEnabled: ['eu-central-1'], incomplete: [] })
  })

  it('a list that GuardDuty does not answer', async () => {
    refuse(ListFindingsCommand, 'x')
    guardduty.on(ListFindingsCommand).rejects(awsError('InternalServerErrorException', 500))
    expect((await ask()).incomplete).toEqual(['GuardDuty in eu-central-1: guardduty:ListFindings gets no answer'])
  })

  it('the end of the responder’s own session is thrown', async () => {
    refuse(ListFindingsCommand, 'x')
    guardduty.on(ListFindingsCommand).rejects(awsError('ExpiredTokenException', 400))
    await expect(ask()).rejects.toThrow('ExpiredTokenException')
  })
})

it('in the simulated account the stolen key’s findings and the session’s come in order, over the wire', async () => {
  guardduty.restore()
  const { context } = await onAccount(await build('custom-threat-list'))
  const compromised = {
    accountId: '111122223333',
    accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO',
    principalId: 'AROAXCSEC6TNB2WZPQ7LK:i-08faaaafb15777f5a',
    instanceId: 'i-08faaaafb15777f5a',
    roleName: 'web-app',
  }
  const { findings, incomplete } = await otherFindings(compromised, { aws: context.aws, regions: context.regions })
  expect(incomplete).toEqual([])
  const seen = findings.map(({ finding: { firstSeen, createdAt } }) => Date.parse(firstSeen ?? createdAt))
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(findings.filter(({ about }) => about.includes('key')).length).toBe(3)
  expect(findings.filter(({ about }) => about.includes('session')).length).toBe(4)
})
