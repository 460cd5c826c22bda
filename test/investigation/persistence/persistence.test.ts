import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shellWord } from '../../../src/incident/values/shell-word.ts'
import { rawLine } from '../../../src/incident/values/show.ts'
import { isWriteEvent } from '../../../src/investigation/analysis/write-events.ts'
import type { PersistenceRule } from '../../../src/investigation/persistence/artefact.ts'
import { PARAMETERS, valuesOfParameter } from '../../../src/investigation/persistence/parameters.ts'
import { eventKeyOf, PERSISTENCE_RULES } from '../../../src/investigation/persistence/table.ts'
import { TECHNIQUES } from '../../../src/investigation/persistence/techniques.ts'
import { placeholdersOf } from '../../../src/investigation/persistence/template.ts'
import { HOSTILE } from '../../support/hostile-strings.ts'
import { type Call, leftBy, recordOf } from '../analysis/records.ts'

const rows = [...PERSISTENCE_RULES.values()].map((row) => [row.event, row] as const)

const isCommand = (template: string): boolean => template.startsWith('aws ')

const fitting = (word: string): string =>
  fc.sample(fc.stringMatching(PARAMETERS[word]?.like ?? /^$/), { seed: 5, numRuns: 20 }).find((text) => !text.includes('..')) ??
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

/** What makes a row's condition true. */
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

/** A call that leaves what the row says, with these names in it. */
const callFor = (row: PersistenceRule, template: string, nameFor: (word: string) => string): Call => {
  const document: Record<string, unknown> = { request: { ...CONDITIONS[row.event] }, response: {} }
  for (const word of placeholdersOf(template)) {
    const way = PARAMETERS[word]?.at[0] ?? ''
    if (/^(request|response)\./.test(way)) put(document, way, nameFor(word))
  }
  return { event: row.event, request: document.request as object, response: document.response as object }
}

describe('every kind of call that leaves something is known, with its technique and its remedy', () => {
  it('the table has all that an investigation looks for', () => {
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

  it.each(rows)('%s: its words are known, and so is its technique', (event, row) => {
    const words = [row.left, ...row.remedy].flatMap(placeholdersOf)
    expect(words.filter((word) => !(word in PARAMETERS))).toEqual([])
    expect(TECHNIQUES[row.technique]).toMatch(/^[A-Z]/)
    expect(event).toMatch(/^[a-z0-9-]+:[A-Z]\w+$/)
    expect(row.left).not.toMatch(/[.\n]$/)
    for (const remedy of row.remedy) expect(remedy).toMatch(isCommand(remedy) ? /^aws [a-z0-9-]+ [a-z0-9-]+/ : /^[A-Z].*\.$/)
    expect(isWriteEvent(recordOf({ event }))).toBe(true)
  })

  it.each(rows)('%s: the remedy is exact where its names are known', (event, row) => {
    for (const template of row.remedy) {
      const [found] = leftBy(callFor(row, `${row.left} ${template}`, fitting))
      expect(found).toMatchObject({ technique: { id: row.technique }, eventName: event.split(':')[1], succeeded: true })
      const remedy = found?.remedy ?? {}
      if (!isCommand(template)) expect(remedy).toEqual({ sentence: template })
      else if (row.remedy.length === 1) {
        expect(remedy).toHaveProperty('command')
        for (const word of placeholdersOf(template))
          if (word !== 'account') expect(JSON.stringify(remedy)).toContain(JSON.stringify(shellWord(fitting(word))).slice(1, -1))
      }
    }
  })

  it.each(rows.filter(([, row]) => row.remedy.some((template) => isCommand(template) && placeholdersOf(template).length > 0)))(
    '%s: no command is written with a name that could be read as something else',
    (_, row) => {
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
        const found = leftBy(callFor(row, `${row.left} ${row.remedy.join(' ')}`, () => name))
        for (const { remedy } of found) if ('command' in remedy) expect(remedy.command).toMatch(/^aws [\w@%+=:,. /'-]+$/)
        for (const { remedy } of found)
          expect(JSON.stringify(remedy)).not.toContain(JSON.stringify(name).slice(1, -1).padEnd(3, '§'))
      }
    },
  )
})

describe('what a session left', () => {
  const user = (event: string, more: object = {}): Call => ({ event, request: { userName: 'eve', ...more } })

  it('is told with the record that shows it', () => {
    const response = { accessKey: { accessKeyId: 'AKIAEVE0000000000001', userName: 'eve', status: 'Active' } }
    const [key] = leftBy({ ...user('iam:CreateAccessKey'), id: 'the-record', response })
    expect(key).toMatchObject({
      eventId: 'the-record',
      accountId: '111122223333',
      technique: { id: 'T1098.001' },
      remedy: { command: 'aws iam delete-access-key --user-name eve --access-key-id AKIAEVE0000000000001' },
    })
    expect(rawLine(key?.left ?? '')).toBe('access key AKIAEVE0000000000001 of user eve')
  })

  it('of several instances all are named', () => {
    const items = [{ instanceId: 'i-0aaaaaaaaaaaaaaaa' }, { instanceId: 'i-0bbbbbbbbbbbbbbbb' }]
    const [run] = leftBy({ event: 'ec2:RunInstances', request: {}, response: { instancesSet: { items } } })
    expect(run?.remedy).toMatchObject({
      command: 'aws ec2 terminate-instances --instance-ids i-0aaaaaaaaaaaaaaaa i-0bbbbbbbbbbbbbbbb --region eu-west-1',
    })
  })

  it.each([
    ['accounts', { userId: '999988887777' }, '999988887777'],
    ['everybody', { group: 'all' }, 'all'],
  ])('a snapshot shared with %s is told with nothing where the other would stand', (_, item, whom) => {
    const [shared] = leftBy({
      event: 'ec2:ModifySnapshotAttribute',
      request: { snapshotId: 'snap-0123abcd', createVolumePermission: { add: { items: [item] } } },
    })
    expect(shared && rawLine(shared.left)).toBe(`snapshot snap-0123abcd shared with ${whom}`)
  })

  it('a snapshot shared with everybody is taken back from everybody', () => {
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
  ])('a detector with %s switched off is told', (_, request, left) => {
    expect(leftBy({ event: 'guardduty:UpdateDetector', request })).toHaveLength(left)
  })

  it('a name that Lambda dates is the same API', () => {
    const [made] = leftBy({ event: 'lambda:CreateFunction20150331', request: { functionName: 'door' } })
    expect(made?.remedy).toHaveProperty('command', 'aws lambda delete-function --function-name door --region eu-west-1')
    expect(eventKeyOf('lambda.amazonaws.com', 'AddPermission20150331v2')).toBe('lambda:AddPermission')
    expect(eventKeyOf('cloudfront.amazonaws.com', 'CreateFunction2020_05_31')).toBe('cloudfront:CreateFunction')
  })

  it('a failed attempt is told, and leaves nothing to undo', () => {
    const [tried] = leftBy({ ...user('iam:CreateUser'), errorCode: 'AccessDenied' })
    expect(tried).toMatchObject({ succeeded: false, errorCode: 'AccessDenied', remedy: { sentence: /^Nothing/ } })
  })

  it('taking a share back leaves nothing', () => {
    const createVolumePermission = { remove: { items: [{ userId: '999999999999' }] } }
    expect(
      leftBy({ event: 'ec2:ModifySnapshotAttribute', request: { snapshotId: 'snap-0123abcd', createVolumePermission } }),
    ).toEqual([])
  })

  it('a record without the names says so instead of guessing', () => {
    const [made] = leftBy({ event: 'iam:CreateAccessKey' })
    expect(rawLine(made?.left ?? '')).toBe('access key (not named) of user (not named)')
    expect(made?.remedy).toEqual({ sentence: expect.stringMatching(/^Use aws iam delete-access-key: /) })
  })

  it('the command names the Region, whichever partition it is of', () => {
    const [stopped] = leftBy({ event: 'cloudtrail:StopLogging', request: { name: 'main' }, region: 'eusc-de-east-1' })
    expect(stopped?.remedy).toHaveProperty('command', expect.stringMatching(/ --region eusc-de-east-1$/))
  })

  it('a Region that is none gives no command', () => {
    const [stopped] = leftBy({ event: 'cloudtrail:StopLogging', request: { name: 'main' }, region: 'eu-west-1;id' })
    expect(stopped?.remedy).toHaveProperty('sentence')
  })

  it('a parameter takes the first way that leads to something', () => {
    const { user: parameter } = PARAMETERS
    const record = recordOf({ event: 'iam:CreateAccessKey', request: {}, response: { accessKey: { userName: 'eve' } } })
    expect(parameter && valuesOfParameter(record, parameter)).toEqual(['eve'])
  })
})
