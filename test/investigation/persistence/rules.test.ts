import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shellWord } from '../../../src/incident/values/shell-word.ts'
import { rawLine } from '../../../src/incident/values/show.ts'
import { isWriteEvent } from '../../../src/investigation/analysis/write-events.ts'
import { namesOf, PLACEHOLDERS, placeholdersOf } from '../../../src/investigation/persistence/placeholders.ts'
import type { PersistenceRule } from '../../../src/investigation/persistence/rule.ts'
import { eventKeyOf, PERSISTENCE_RULES } from '../../../src/investigation/persistence/rules.ts'
import { TECHNIQUES } from '../../../src/investigation/persistence/techniques.ts'
import { HOSTILE } from '../../support/hostile-strings.ts'
import { type Call, leftBy, recordOf } from '../analysis/records.ts'

const rules = [...PERSISTENCE_RULES]
const remediesOf = ({ remedy }: PersistenceRule): readonly string[] => [remedy].flat()

const isCommand = (template: string): boolean => template.startsWith('aws ')

const fitting = (word: string): string =>
  fc.sample(fc.stringMatching(PLACEHOLDERS[word]?.like ?? /^$/), { seed: 5, numRuns: 20 }).find((text) => !text.includes('..')) ??
  ''

/** Puts a value where a way leads: `request.items[].id`. */
const put = (into: Record<string, unknown>, way: string, value: unknown): void => {
  const [part = '', ...rest] = way.split('.')
  const name = part.replace('[]', '')
  if (rest.length === 0) into[name] = part.endsWith('[]') ? [value] : value
  else if (part.endsWith('[]')) {
    const item = {}
    put(item, rest.join('.'), value)
    into[name] = [item]
  } else {
    into[name] = into[name] ?? {}
    put(into[name] as Record<string, unknown>, rest.join('.'), value)
  }
}

/** Request parameters with which an event leaves something, for the rules that need some. */
const CONDITIONS: Readonly<Record<string, object>> = {
  'iam:UpdateAccessKey': { status: 'Active' },
  'ec2:ModifyInstanceAttribute': { userData: '' },
  'ssm:ModifyDocumentPermission': { accountIdsToAdd: ['999999999999'] },
  'rds:ModifyDBInstance': { publiclyAccessible: true },
  'rds:ModifyDBCluster': { masterUserPassword: '****' },
  'ec2:ModifyInstanceMetadataOptions': { ModifyInstanceMetadataOptionsRequest: { HttpTokens: 'optional' } },
  's3:PutBucketVersioning': { VersioningConfiguration: { Status: 'Suspended' } },
  'guardduty:UpdateDetector': { enable: false },
}

/** An event that leaves something, with a name for each placeholder of a template. */
const callFor = (event: string, template: string, nameFor: (word: string) => string): Call => {
  const document: Record<string, unknown> = { request: { ...CONDITIONS[event] }, response: {} }
  for (const word of placeholdersOf(template)) {
    const way = PLACEHOLDERS[word]?.at[0] ?? ''
    if (/^(request|response)\./.test(way)) put(document, way, nameFor(word))
  }
  return { event, request: document.request as object, response: document.response as object }
}

describe('a rule', () => {
  it('is there for every event that leaves a known artefact', () => {
    const wanted = `iam:CreateUser iam:CreateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile iam:CreateRole
      iam:UpdateAssumeRolePolicy iam:AttachUserPolicy iam:AttachRolePolicy iam:AttachGroupPolicy iam:PutUserPolicy iam:PutRolePolicy
      iam:PutGroupPolicy iam:AddUserToGroup iam:CreatePolicyVersion iam:SetDefaultPolicyVersion iam:CreateInstanceProfile
      iam:AddRoleToInstanceProfile iam:CreateServiceSpecificCredential iam:CreateSAMLProvider iam:CreateOpenIDConnectProvider
      ec2:RunInstances ec2:RequestSpotInstances ec2:CreateKeyPair ec2:ImportKeyPair ec2:AuthorizeSecurityGroupIngress
      ec2:ModifySnapshotAttribute ec2:ModifyImageAttribute ec2:CreateSnapshot lambda:CreateFunction lambda:UpdateFunctionCode
      lambda:AddPermission ssm:SendCommand ssm:StartSession secretsmanager:GetSecretValue kms:ScheduleKeyDeletion kms:PutKeyPolicy
      cloudtrail:StopLogging cloudtrail:DeleteTrail cloudtrail:UpdateTrail cloudtrail:PutEventSelectors guardduty:DeleteDetector
      guardduty:UpdateDetector guardduty:CreateFilter guardduty:CreateIPSet organizations:LeaveOrganization
      organizations:InviteAccountToOrganization organizations:RegisterDelegatedAdministrator account:AcceptPrimaryEmailUpdate
      ec2:ModifyInstanceMetadataOptions ec2:CreateLaunchTemplateVersion ec2-instance-connect:SendSerialConsoleSSHPublicKey
      ec2:CreateTrafficMirrorSession eks:CreatePodIdentityAssociation lightsail:CreateKeyPair ecs:ExecuteCommand ssm:CreateActivation
      codebuild:UpdateProject codebuild:CreateWebhook cloudformation:UpdateStack cloudformation:CreateStackSet glue:CreateJob
      secretsmanager:DeleteSecret ecr:PutRegistryPolicy bedrock:DeleteModelInvocationLoggingConfiguration
      securityhub:BatchDisableStandards sso-directory:UpdatePassword sso:CreateTrustedTokenIssuer`
    expect(wanted.split(/\s+/).filter((event) => !PERSISTENCE_RULES.has(event))).toEqual([])
  })

  it('stands once for each event', () => {
    const events = new Set([...new Set(PERSISTENCE_RULES.values())].flatMap((rule) => rule.events))
    const listed = [...new Set(PERSISTENCE_RULES.values())].flatMap((rule) => rule.events)
    expect(listed.length).toBe(events.size)
  })

  it.each(rules)('%s: its placeholders and its technique are known', (event, rule) => {
    const words = [rule.left, ...remediesOf(rule)].flatMap(placeholdersOf)
    expect(words.filter((word) => !(word in PLACEHOLDERS))).toEqual([])
    expect(TECHNIQUES[rule.technique]).toMatch(/^[A-Z]/)
    expect(event).toMatch(/^[a-z0-9-]+:[A-Z]\w+$/)
    expect(rule.left).not.toMatch(/[.\n]$/)
    for (const remedy of remediesOf(rule))
      expect(remedy).toMatch(isCommand(remedy) ? /^aws [a-z0-9-]+ [a-z0-9-]+/ : /^[A-Z].*\.$/)
    expect(isWriteEvent(recordOf({ event }))).toBe(true)
  })

  it.each(rules)('%s: the remedy is exact when the record has its names', (event, rule) => {
    for (const template of remediesOf(rule)) {
      const [found] = leftBy(callFor(event, `${rule.left} ${template}`, fitting))
      expect(found).toMatchObject({ technique: { id: rule.technique }, eventName: event.split(':')[1], succeeded: true })
      const remedy = found?.remedy ?? {}
      if (!isCommand(template)) expect(remedy).toEqual({ sentence: template })
      else if (remediesOf(rule).length === 1) {
        expect(remedy).toHaveProperty('command')
        for (const word of placeholdersOf(template))
          if (word !== 'account') expect(JSON.stringify(remedy)).toContain(JSON.stringify(shellWord(fitting(word))).slice(1, -1))
      }
    }
  })

  it.each(
    rules.filter(([, rule]) => remediesOf(rule).some((template) => isCommand(template) && placeholdersOf(template).length > 0)),
  )('%s: no command holds a name that a shell could read as something else', (event, rule) => {
    const hostile = [
      '-rf',
      '$(id)',
      '`id`',
      'a;id',
      'a b',
      "a'b",
      'a"b',
      'a\nb',
      '../x',
      '--profile=evil',
      ...Object.values(HOSTILE),
    ]
    for (const name of hostile) {
      const found = leftBy(callFor(event, `${rule.left} ${remediesOf(rule).join(' ')}`, () => name))
      for (const { remedy } of found) if ('command' in remedy) expect(remedy.command).toMatch(/^aws [\w@%+=:,. /'-]+$/)
      for (const { remedy } of found)
        expect(JSON.stringify(remedy)).not.toContain(JSON.stringify(name).slice(1, -1).padEnd(3, '§'))
    }
  })
})

describe('a persistence artefact', () => {
  const user = (event: string, more: object = {}): Call => ({ event, request: { userName: 'eve', ...more } })

  it('names the record that shows it', () => {
    const response = { accessKey: { accessKeyId: 'AKIAEVE0000000000001', userName: 'eve', status: 'Active' } }
    const which = '--user-name eve --access-key-id AKIAEVE0000000000001'
    const [key] = leftBy({ ...user('iam:CreateAccessKey'), id: 'the-record', response })
    expect(key).toMatchObject({
      eventId: 'the-record',
      accountId: '111122223333',
      technique: { id: 'T1098.001' },
      remedy: { command: `aws iam update-access-key ${which} --status Inactive && aws iam delete-access-key ${which}` },
    })
    expect(rawLine(key?.left ?? '')).toBe('access key AKIAEVE0000000000001 of user eve')
  })

  it('a persistence artefact of several instances names them all', () => {
    const items = [{ instanceId: 'i-0aaaaaaaaaaaaaaaa' }, { instanceId: 'i-0bbbbbbbbbbbbbbbb' }]
    const [run] = leftBy({ event: 'ec2:RunInstances', request: {}, response: { instancesSet: { items } } })
    expect(run?.remedy).toMatchObject({
      command: 'aws ec2 terminate-instances --instance-ids i-0aaaaaaaaaaaaaaaa i-0bbbbbbbbbbbbbbbb --region eu-west-1',
    })
  })

  it.each([
    ['accounts', { userId: '999988887777' }, '999988887777'],
    ['everybody', { group: 'all' }, 'all'],
  ])('a snapshot shared with %s names no other kind of principal', (_, item, grantee) => {
    const [shared] = leftBy({
      event: 'ec2:ModifySnapshotAttribute',
      request: { snapshotId: 'snap-0123abcd', createVolumePermission: { add: { items: [item] } } },
    })
    expect(shared && rawLine(shared.left)).toBe(`snapshot snap-0123abcd shared with ${grantee}`)
  })

  it('a snapshot shared with everybody has a remedy for everybody', () => {
    const createVolumePermission = { add: { items: [{ group: 'all' }] } }
    const [shared] = leftBy({
      event: 'ec2:ModifySnapshotAttribute',
      request: { snapshotId: 'snap-0123abcd', createVolumePermission },
    })
    expect(shared?.remedy).toHaveProperty(
      'command',
      'aws ec2 modify-snapshot-attribute --snapshot-id snap-0123abcd --attribute createVolumePermission --operation-type remove --group-names all --region eu-west-1',
    )
  })

  it.each([
    ['all of it', { enable: false }, 1],
    ['a protection plan', { features: [{ name: 'S3_DATA_EVENTS', status: 'DISABLED' }] }, 1],
    ['a source of data', { dataSources: { s3Logs: { enable: false } } }, 1],
    ['nothing', { enable: true, features: [{ name: 'S3_DATA_EVENTS', status: 'ENABLED' }] }, 0],
  ])('is a detector with %s disabled', (_, request, left) => {
    expect(leftBy({ event: 'guardduty:UpdateDetector', request })).toHaveLength(left)
  })

  it('is found under an event name with Lambda’s or CloudFront’s API date', () => {
    const [made] = leftBy({ event: 'lambda:CreateFunction20150331', request: { functionName: 'door' } })
    expect(made?.remedy).toHaveProperty('command', 'aws lambda delete-function --function-name door --region eu-west-1')
    expect(eventKeyOf('lambda.amazonaws.com', 'AddPermission20150331v2')).toBe('lambda:AddPermission')
    expect(eventKeyOf('cloudfront.amazonaws.com', 'CreateFunction2020_05_31')).toBe('cloudfront:CreateFunction')
  })

  it('a failed event has nothing to undo', () => {
    const [tried] = leftBy({ ...user('iam:CreateUser'), errorCode: 'AccessDenied' })
    expect(tried).toMatchObject({ succeeded: false, errorCode: 'AccessDenied', remedy: { sentence: /^Nothing/ } })
  })

  it('is not left by an event that ends a share', () => {
    const createVolumePermission = { remove: { items: [{ userId: '999999999999' }] } }
    expect(
      leftBy({ event: 'ec2:ModifySnapshotAttribute', request: { snapshotId: 'snap-0123abcd', createVolumePermission } }),
    ).toEqual([])
  })

  it('a persistence artefact without names in the record has a sentence, not a command', () => {
    const [made] = leftBy({ event: 'iam:CreateAccessKey' })
    expect(rawLine(made?.left ?? '')).toBe('access key (not named) of user (not named)')
    expect(made?.remedy).toEqual({ sentence: expect.stringMatching(/^Use aws iam update-access-key: /) })
  })

  it('has a command with the Region, in every partition', () => {
    const [stopped] = leftBy({ event: 'cloudtrail:StopLogging', request: { name: 'main' }, region: 'eusc-de-east-1' })
    expect(stopped?.remedy).toHaveProperty('command', expect.stringMatching(/ --region eusc-de-east-1$/))
  })

  it('a persistence artefact whose record has no AWS Region has no command', () => {
    const [stopped] = leftBy({ event: 'cloudtrail:StopLogging', request: { name: 'main' }, region: 'eu-west-1;id' })
    expect(stopped?.remedy).toHaveProperty('sentence')
  })

  it('takes a name from the first path that has one', () => {
    const record = recordOf({ event: 'iam:CreateAccessKey', request: {}, response: { accessKey: { userName: 'eve' } } })
    expect(namesOf('user', record)).toEqual(['eve'])
  })
})
