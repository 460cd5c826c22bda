import { describe, expect, it } from 'vitest'
import type { Request } from '../../../src/incident/entry.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { breaks } from '../../faults/kinds.ts'
import { eventOf, lowerCamel } from '../../incident/finding/findings.ts'
import { build, mainOf, SUBJECT_INSTANCE } from '../../support/scenario.ts'
import { factOf } from '../../support/stage-context.ts'
import type { onAccount } from '../../support/stage-on-account.ts'
import { find, idOf, KEY, standard, stopOf } from './find-finding/found.ts'

describe('find-finding finds a finding', () => {
  it('a finding is found by its id, and is kept as GuardDuty gave it', async () => {
    const { findingId } = await standard()
    const found = await find({ by: 'finding-id', id: findingId })
    expect(factOf(found.assessment)).toMatchObject({ source: 'guardduty', finding: { id: findingId, accessKeyId: KEY } })
    expect(found.kept).toMatchObject([{ name: 'finding', content: { Id: findingId } }])
    expect(found.questions).toEqual([])
  })

  it('a finding is found by its ARN, in the Region that the ARN names', async () => {
    const built = await standard()
    const found = await find({ by: 'finding-id', id: String(mainOf(built).Arn) }, undefined, built, { regions: ['eu-west-1'] })
    expect(idOf(found)).toBe(built.findingId)
  })

  it('a finding is found by an ARN that names a detector of before, when GuardDuty was enabled again', async () => {
    const built = await standard()
    const arn = String(mainOf(built).Arn).replace(/detector\/\w+/, `detector/${'0'.repeat(32)}`)
    expect(idOf(await find({ by: 'finding-id', id: arn }, undefined, built))).toBe(built.findingId)
  })

  it('a finding is found by its id in any of the Regions', async () => {
    const { findingId } = await standard()
    const found = await find({ by: 'finding-id', id: findingId }, undefined, undefined, {
      regions: ['eu-west-1', 'us-east-1'],
    })
    expect(idOf(found)).toBe(findingId)
  })

  it('an archived finding is found by its id', async () => {
    const { account } = await standard()
    const archived = [...account.findings.values()].find(({ Service }) => (Service as { Archived?: boolean }).Archived)
    expect(factOf((await find({ by: 'finding-id', id: archived?.Id ?? '' })).assessment).finding.archived).toBe(true)
  })

  it('the key finds the finding that was updated last, without a question', async () => {
    const found = await find({ by: 'access-key-id', accessKeyId: KEY }, undefined, await build('custom-threat-list'), {
      fault: breaks('denied', { operation: 'cloudtrail:LookupEvents', times: 100 }),
    })
    expect(factOf(found.assessment).finding.type).toBe('Discovery:S3/MaliciousIPCaller.Custom')
    expect(found.questions).toEqual([])
  })

  it.each<Request>([
    { by: 'role', roleName: 'web-app' },
    { by: 'instance-id', instanceId: SUBJECT_INSTANCE },
  ])('a request by $by asks a question when the findings are about several keys', async (request) => {
    const { findingId } = await standard()
    const found = await find(request, findingId)
    expect(idOf(found)).toBe(findingId)
    expect(found.questions).toHaveLength(1)
    expect(found.questions[0]?.options).toHaveLength(4)
  })

  it('a list has all findings about credentials, without archived ones, and with samples last and marked', async () => {
    const built = await build('custom-threat-list')
    const { questions, assessment } = await find({ by: 'list' }, built.findingId, built)
    expect(factOf(assessment).finding.id).toBe(built.findingId)
    const labels = questions[0]?.options.map(({ label }) => label.join(''))
    expect(labels).toHaveLength(6)
    expect(labels?.[0]).toMatch(/^11-25 01:5\dZ {2}HIGH {2}web-app {2}Discovery:S3.MaliciousIPCaller.Custom$/)
    expect(labels?.at(-1)).toContain('SAMPLE')
    expect(labels?.join()).not.toMatch(/ci-runner|SSHBruteForce/)
  })

  it('find-finding finds a finding by an instance that only the session names', async () => {
    const built = await build('no-instance-details')
    const found = await find({ by: 'instance-id', instanceId: SUBJECT_INSTANCE }, built.findingId, built)
    expect(factOf(found.assessment).finding).toMatchObject({
      id: built.findingId,
      principalId: expect.stringContaining(SUBJECT_INSTANCE),
    })
    expect(factOf(found.assessment).finding.instanceId).toBeUndefined()
  })
})

describe('find-finding reads a finding in a file', () => {
  const inFile = async (content: unknown, pick?: string) =>
    find({ by: 'file', name: 'finding.json', text: JSON.stringify(content) }, pick)

  it.each([
    ['as GetFindings answers it', (document: object) => ({ Findings: [document] })],
    ['alone', (document: object) => document],
    ['as EventBridge delivers it', (document: object) => eventOf(lowerCamel(document))],
  ])('%s', async (_, wrapped) => {
    const built = await standard()
    const found = await inFile(wrapped(mainOf(built)))
    expect(factOf(found.assessment)).toMatchObject({ source: 'file', finding: { id: built.findingId, accessKeyId: KEY } })
  })

  it('the related findings of a finding in a file are looked up in the account', async () => {
    const built = await standard()
    const { onSameKey } = factOf((await inFile(mainOf(built))).assessment)
    expect(onSameKey).toHaveLength(2)
  })

  it('several findings in a file need a choice, even when all are about one key', async () => {
    const { account, findingId } = await standard()
    const several = [...account.findings.values()].filter((finding) => JSON.stringify(finding).includes(KEY))
    const found = await inFile(several, findingId)
    expect(idOf(found)).toBe(findingId)
    expect(found.questions).toHaveLength(1)
  })

  it('a finding that cannot be read does not hide another one in the file', async () => {
    const built = await standard()
    expect(idOf(await inFile([{ Id: 'broken' }, mainOf(built)]))).toBe(built.findingId)
  })

  /** The finding as Security Hub writes it down. */
  const asff = (built: BuiltScenario, PrincipalId: string) => {
    const { Arn, Type } = mainOf(built)
    const details = { PrincipalId, PrincipalName: 'web-app', PrincipalType: 'AssumedRole' }
    const Resources = [{ Type: 'AwsIamAccessKey', Id: `AWS::IAM::AccessKey:${KEY}`, Details: { AwsIamAccessKey: details } }]
    return {
      ...{ Id: Arn, ProductArn: 'arn:aws:securityhub:us-east-1::product/aws/guardduty', AwsAccountId: '111122223333' },
      ...{ Region: 'us-east-1', Types: [`TTPs/${Type.replace('/', '-')}`], Severity: { Label: 'HIGH' }, Resources },
      ...{ CreatedAt: '2026-11-25T01:20:00Z', UpdatedAt: '2026-11-25T01:50:00Z', RecordState: 'ACTIVE' },
    }
  }
  const principalOf = ({ account }: BuiltScenario) => `${account.roles.get('web-app')?.id}:${SUBJECT_INSTANCE}`
  const inSecurityHub = async (built: BuiltScenario, principalId: string, lent: Parameters<typeof onAccount>[1] = {}) => {
    const text = JSON.stringify(asff(built, principalId))
    return factOf((await find({ by: 'file', name: 'asff.json', text }, undefined, built, lent)).assessment)
  }

  it('GuardDuty’s own finding takes the place of Security Hub’s, and that is said', async () => {
    const built = await standard()
    const fact = await inSecurityHub(built, principalOf(built))
    expect(fact).toMatchObject({ source: 'guardduty', finding: { id: built.findingId, severity: 5 } })
    expect(fact.finding.remarks).toContain('GuardDuty’s own finding takes the place of Security Hub’s form (ASFF)')
  })

  it('Security Hub’s finding stands where GuardDuty does not return the original, and where it may not be asked', async () => {
    const built = await build('custom-threat-list')
    const text = asff(built, principalOf(built))
    const fault = breaks('denied', { operation: 'guardduty:GetFindings', times: 100 })
    const denied = await inSecurityHub(built, principalOf(built), { fault })
    expect(denied).toMatchObject({ source: 'file', finding: { writtenAs: 'ASFF' } })
    expect(denied.finding.remarks.join()).toMatch(/could not be read .*: Security Hub’s form \(ASFF\) is all that is known/)
    built.account.findings.clear()
    const gone = factOf((await find({ by: 'file', name: 'asff.json', text: JSON.stringify(text) }, undefined, built)).assessment)
    expect(gone.source).toBe('file')
    expect(gone.finding.remarks.join()).toContain('GuardDuty does not return this finding')
  })

  it('an original that is an attack sequence is read for the actor that Security Hub names, and not for the first', async () => {
    const built = await build('custom-threat-list')
    const main = mainOf(built) as unknown as Record<string, object>
    const user = { Name: 'bob', Uid: 'AIDAXCSEC6TNEXAMPLE1', Type: 'IAMUser', CredentialUid: 'AKIAXCSEC6TNEXAMPLE1' }
    const session = { Name: 'web-app', Uid: principalOf(built), Type: 'AssumedRole', CredentialUid: KEY }
    const actors = [
      { Id: 'a', User: user },
      { Id: 'b', User: session },
    ]
    const Service = { ...main.Service, Action: undefined, Detection: { Sequence: { Actors: actors } } }
    const Type = 'AttackSequence:IAM/CompromisedCredentials'
    Object.assign(main, { Type, Resource: { ResourceType: 'AttackSequence' }, Service })
    const fact = await inSecurityHub(built, principalOf(built))
    expect(fact.disputed).toBeUndefined()
    expect(fact).toMatchObject({ source: 'guardduty', finding: { accessKeyId: KEY, otherActors: [{ userName: 'bob' }] } })
  })

  it('an original that names another session disputes Security Hub’s', async () => {
    const built = await standard()
    const fact = await inSecurityHub(built, 'AROAXCSEC6TNB2WZPQ7LK:i-0aa1b2c3d4e5f6071')
    expect(fact.source).toBe('file')
    expect(fact.disputed).toContain('Security Hub’s form (ASFF) says')
  })

  it('a finding about an instance that names no credentials stops with what to name instead', async () => {
    const { Resource, ...finding } = mainOf(await standard()) as unknown as Record<string, { readonly InstanceDetails?: object }>
    const InstanceDetails = { ...Resource?.InstanceDetails, InstanceId: SUBJECT_INSTANCE }
    const about = { ...finding, Type: 'Backdoor:EC2/C&CActivity.B!DNS', Resource: { ResourceType: 'Instance', InstanceDetails } }
    const stop = stopOf(await inFile(about))
    expect(stop.why).toContain(`is about instance ${SUBJECT_INSTANCE} and names no credentials`)
    expect(stop.remedy).toContain(`ir-cred respond --instance-id ${SUBJECT_INSTANCE}`)
  })

  it('a file without a readable finding fails with the fault of its first finding', async () => {
    await expect(inFile([{ Id: 'broken' }])).rejects.toMatchObject({ name: 'Failure', kind: 'usage' })
  })
})

describe('find-finding stops without a finding', () => {
  it.each<[Request, RegExp]>([
    [
      { by: 'finding-id', id: 'f'.repeat(32) },
      /a finding by finding id: GuardDuty in us-east-1, eu-west-1, us-west-2 has no such finding/,
    ],
    [
      {
        by: 'finding-id',
        id: `arn:aws:guardduty:eu-west-1:111122223333:detector/${'0'.repeat(32)}/finding/${'f'.repeat(32)}`,
      },
      /a finding by finding id: GuardDuty is not enabled in eu-west-1$/,
    ],
    [{ by: 'access-key-id', accessKeyId: 'ASIAIOSFODNN7EXAMPLE' }, /a finding by access key id/],
    [{ by: 'role', roleName: 'nobody' }, /a finding by role/],
    [{ by: 'role', roleName: 'ci-runner' }, /a finding by role/],
    [{ by: 'instance-id', instanceId: 'i-0cc3d4e5f60718293' }, /a finding by instance id/],
  ])('%j', async (request, why) => {
    const stop = stopOf(await find(request))
    expect(stop.why).toMatch(why)
    expect(stop.remedy).toContain('--wait')
  })

  it('the stop says where GuardDuty is not enabled', async () => {
    const stop = stopOf(await find({ by: 'list' }, undefined, undefined, { regions: ['eu-west-1'] }))
    expect(stop.why).toBe('ir-cred looked for a finding about credentials: GuardDuty is not enabled in eu-west-1')
  })

  it('the stop names the command that chooses, when none of several is chosen', async () => {
    const stop = stopOf(await find({ by: 'list' }, undefined, undefined, { drill: false }))
    expect(stop).toMatchObject({ kind: 'declined', why: expect.stringMatching(/^6 findings match/) })
    expect(stop.remedy).toMatch(/^name one: `ir-cred respond [0-9a-f]{32}` /)
  })

  it('the stop names the drill’s own command in a drill, whose findings exist nowhere else', async () => {
    const stop = stopOf(await find({ by: 'list' }, undefined, undefined, { drill: true }))
    expect(stop.remedy).toContain('ir-cred drill')
    expect(stop.remedy).not.toContain('ir-cred respond')
  })

  it('a chosen id that is not among the findings is a stop', async () => {
    expect(stopOf(await find({ by: 'list' }, 'another')).kind).toBe('declined')
  })
})

describe('the related findings', () => {
  it('the related findings are all others on the same key, and those on the same session with another key, of any type', async () => {
    const { findingId } = await standard()
    const { onSameKey, onSamePrincipal } = factOf((await find({ by: 'finding-id', id: findingId })).assessment)
    expect(onSameKey.map(({ type }) => type)).toEqual([
      'Discovery:S3/MaliciousIPCaller.Custom',
      'Recon:IAMUser/MaliciousIPCaller.Custom',
    ])
    expect(onSamePrincipal.map(({ type }) => type)).toEqual(['Discovery:IAMUser/AnomalousBehavior'])
    expect(onSamePrincipal[0]?.accessKeyId).not.toBe(KEY)
  })

  it('there is no related finding where GuardDuty has none', async () => {
    const { account } = await standard()
    const tor = [...account.findings.values()].find(({ Type }) => Type.includes('TorIPCaller'))
    const found = factOf((await find({ by: 'finding-id', id: tor?.Id ?? '' })).assessment)
    expect([found.onSameKey, found.onSamePrincipal]).toEqual([[], []])
  })
})
