import { describe, expect, it } from 'vitest'
import { narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import {
  ACCOUNT,
  type Document,
  having,
  INSTANCE,
  KEY,
  lowerCamel,
  ROLE_ID,
  roleActor,
  sequenceFinding,
  userActor,
} from './findings.ts'
import { refusedUsage } from './refused.ts'

const SECOND_KEY = 'AKIA4EXMPLABCDEFGH34'
const keyResource = {
  ResourceType: 'ACCESS_KEY',
  Uid: KEY,
  Data: { AccessKey: { PrincipalId: `${ROLE_ID}:${INSTANCE}`, UserName: 'web-app', UserType: 'AssumedRole' } },
}
const instance = (uid: string) => ({ ResourceType: 'EC2_INSTANCE', Uid: uid, Data: { Ec2Instance: {} } })
const stolen = { accessKeyId: KEY, principalId: `${ROLE_ID}:${INSTANCE}`, userName: 'web-app', userType: 'AssumedRole' }

describe('an attack sequence names its credential among actors and resources', () => {
  it('an actor gives the credential as its key and the role as its session’s issuer', () => {
    const finding = narrowFinding(sequenceFinding({ Actors: [roleActor] }))
    expect(finding).toMatchObject(stolen)
    expect(finding.remarks).toEqual([])
  })

  it("an actor in EventBridge's spelling gives the credential too", () => {
    expect(narrowFinding(lowerCamel(sequenceFinding({ Actors: [roleActor] })))).toMatchObject(stolen)
  })

  it('an access key among the resources gives the credential', () => {
    expect(narrowFinding(sequenceFinding({ Actors: [], Resources: [keyResource] }))).toMatchObject(stolen)
  })

  it('an actor and the resource with its key give one credential', () => {
    const sparse = { Id: 'a', User: { Name: 'web-app', Uid: '', Type: 'AssumedRole', CredentialUid: KEY } }
    const complete = having(keyResource, 'Data.AccessKey.UserName', 'other')
    const finding = narrowFinding(sequenceFinding({ Actors: [having(sparse, 'User.Uid', null)], Resources: [complete] }))
    expect(finding).toMatchObject(stolen)
  })

  it('the session name of an assumed role is not taken for the role’s name', () => {
    const actor = having(having(roleActor, 'Session', undefined), 'User.Name', 'a b')
    expect(narrowFinding(sequenceFinding({ Actors: [actor] }))).not.toHaveProperty('userName')
  })

  it('a sequence of several actors begins with the first, or the one that is asked for, and names the others', () => {
    const finding = sequenceFinding({ Actors: [roleActor, userActor] })
    const first = narrowFinding(finding)
    expect(first).toMatchObject({ ...stolen, otherActors: [{ accessKeyId: SECOND_KEY, userName: 'alice' }] })
    expect(first.remarks).toContain(`The attack sequence has 2 actors: "${KEY}" of "web-app", "${SECOND_KEY}" of "alice".`)
    const chosen = narrowFinding(finding, SECOND_KEY)
    expect(chosen).toMatchObject({ accessKeyId: SECOND_KEY, userName: 'alice', userType: 'IAMUser' })
    expect(chosen.otherActors).toMatchObject([{ accessKeyId: KEY, userName: 'web-app' }])
    expect(chosen.remarks[0]).toContain('The attack sequence has 2 actors')
    expect(refusedUsage(() => narrowFinding(finding, 'ASIA4EXMPLABCDEFGH99')).message).toContain('none with the key asked for')
  })

  it('the text of the description gives the actor if the finding names none', () => {
    const text = `A sequence of actions was observed for IAMUser/alice with principalId AIDA4EXMPLQ7RSTUVWXYZ in account ${ACCOUNT}\nbetween …`
    const finding = narrowFinding(having(sequenceFinding({ Actors: [] }), 'Description', text))
    expect(finding).toMatchObject({ userType: 'IAMUser', userName: 'alice', principalId: 'AIDA4EXMPLQ7RSTUVWXYZ' })
    expect(finding.remarks).toEqual([
      "Whose credential it is was taken from the finding's description; the finding names no actor.",
    ])
  })

  it('a sequence without any actor names no credential', () => {
    const finding = narrowFinding(having(sequenceFinding({ Actors: [] }), 'Service.Detection', undefined))
    expect(finding).toMatchObject({ userType: 'Unknown', remarks: ['The attack sequence names no credential.'] })
    expect(finding).not.toHaveProperty('accessKeyId')
  })

  it('a secret in the place of the key is refused without being shown', () => {
    const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
    const finding = sequenceFinding({ Actors: [having(roleActor, 'User.CredentialUid', secret), userActor] })
    expect(refusedUsage(() => narrowFinding(finding)).message).not.toContain(secret)
  })
})

describe('an attack sequence names its instances by id or by ARN', () => {
  it.each([INSTANCE, `arn:aws:ec2:eu-central-1:${ACCOUNT}:instance/${INSTANCE}`])('%s', (uid) => {
    expect(narrowFinding(sequenceFinding({ Actors: [roleActor], Resources: [instance(uid)] }))).toMatchObject({
      instanceId: INSTANCE,
    })
  })

  it('a sequence of several instances gets a remark, and none is chosen', () => {
    const finding = narrowFinding(
      sequenceFinding({ Actors: [roleActor], Resources: [instance(INSTANCE), instance('i-12345678')] }),
    )
    expect(finding).not.toHaveProperty('instanceId')
    expect(finding.remarks).toEqual([`The attack sequence names 2 instances: ${INSTANCE}, i-12345678.`])
  })

  it('the address that the sequence was seen from gets a remark', () => {
    const Endpoints = [{ Ip: '203.0.113.4' }, { Ip: 'nonsense' }, { Ip: '203.0.113.4' }, { Domain: 'x' }]
    expect(narrowFinding(sequenceFinding({ Actors: [roleActor], Endpoints })).remarks).toEqual([
      'The attack sequence was seen from 203.0.113.4.',
    ])
  })
})

describe('an attack sequence has the addresses of its endpoints', () => {
  const Endpoints = [
    { Id: 'a', Ip: '203.0.113.4' },
    { Id: 'b', Ip: '198.51.100.23' },
    { Id: '198.51.100.24' },
    { Id: 'c', Domain: 'x' },
  ]
  const signal = (actor: Document, ...EndpointIds: readonly string[]) => ({
    Type: 'CLOUD_TRAIL',
    ActorIds: [actor.Id],
    EndpointIds,
  })

  it('of all of them, each once, when no signal says whose they are', () => {
    expect(narrowFinding(sequenceFinding({ Actors: [roleActor], Endpoints: [...Endpoints, ...Endpoints] })).endpoints).toEqual([
      '203.0.113.4',
      '198.51.100.23',
      '198.51.100.24',
    ])
  })

  it('of those that its signals tie to the actor', () => {
    const Signals = [signal(roleActor, 'b'), signal(userActor, 'a')]
    const finding = sequenceFinding({ Actors: [roleActor, userActor], Endpoints, Signals })
    expect(narrowFinding(finding, KEY).endpoints).toEqual(['198.51.100.23'])
    expect(narrowFinding(finding, 'AKIA4EXMPLABCDEFGH34').endpoints).toEqual(['203.0.113.4'])
  })

  it('and none when it names none', () => {
    expect(narrowFinding(sequenceFinding({ Actors: [roleActor] }))).not.toHaveProperty('endpoints')
  })
})
