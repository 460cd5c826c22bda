import { describe, expect, it } from 'vitest'
import { narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import { apiFinding, having, KEY, placeholder, ROLE_ID } from './findings.ts'
import { refusedUsage } from './refused.ts'

const REMOTE = 'Service.Action.AwsApiCallAction.RemoteIpDetails'
const DETAILS = 'Resource.AccessKeyDetails'

describe('a finding is refused with the member and the reason', () => {
  it.each<[string, string, unknown, string]>([
    ['a missing id', 'Id', undefined, 'The finding has no Id: it has "SchemaVersion", "AccountId"'],
    ['a missing account', 'AccountId', null, 'The finding has no AccountId'],
    ['a missing severity', 'Severity', undefined, 'The finding has no Severity'],
    ['an id with a path', 'Id', '../../x', 'Id is not the id of a finding'],
    ['a type that is none', 'Type', 'Backdoor', 'Type is not a finding type'],
    ['a type with a line break', 'Type', 'a:IAMUser/b\n', 'holds "a:IAMUser/b\\n"'],
    [
      'an account without its zero',
      'AccountId',
      12345678901,
      'is the number 12345678901, and a number may have lost its leading zero',
    ],
    ['an account of 11 digits', 'AccountId', '12345678901', 'which has 11 digits'],
    ['an account of 13 digits', 'AccountId', '1234567891234', 'which has 13 digits'],
    ['an account with dashes', 'AccountId', '2109-8765-4321', 'not an account id of 12 digits: it holds "2109-8765-4321"'],
    ['an account in wide digits', 'AccountId', '２１０９８７６５４３２１', '\\uff12\\uff11'],
    ['a Region that is a host', 'Region', 'eu-central-1.evil.example', "Region is not a Region's name"],
    ['a Region of no partition', 'Region', 'xx-moon-1', 'not a Region of a known partition'],
    ['a Region of another partition', 'Region', 'cn-north-1', 'the partition is aws, and cn-north-1 is a Region of aws-cn'],
    ['an unknown partition', 'Partition', 'azure', 'Partition is not the name of a partition'],
    ['a time without zone', 'CreatedAt', '2026-11-25 20:40:06.765', 'it has no time zone'],
    ['a day that does not exist', 'UpdatedAt', '2026-02-30T00:00:00Z', 'there is no such moment'],
    ['a time in seconds', 'CreatedAt', 1764036007, 'it holds 1764036007: that is an epoch number'],
    ['a time in milliseconds as text', 'UpdatedAt', '1764036007000', 'that is an epoch number'],
    ['another form of time', 'Service.EventFirstSeen', '25 Nov 2026', 'Service.EventFirstSeen is not a time'],
    ['severity as a word', 'Severity', 'HIGH', 'Severity is not a number: there is "HIGH" in its place'],
    ['severity without end', 'Severity', Number.POSITIVE_INFINITY, 'there is Infinity in its place'],
    ['severity of another service', 'Severity', { Label: 'HIGH' }, 'there is an object in its place'],
    ['a resource that is text', 'Resource', 'AccessKey', 'Resource is not an object: it is "AccessKey"'],
    ['key details as a list', DETAILS, [], 'Resource.AccessKeyDetails is not an object: it is a list'],
    ['a role id as key', `${DETAILS}.AccessKeyId`, ROLE_ID, `"${ROLE_ID}" is the unique id of a role`],
    ['a user id as key', `${DETAILS}.AccessKeyId`, 'AIDA4EXMPLQ7RSTUVWXYZ', 'is the unique id of a user'],
    ['a profile id as key', `${DETAILS}.AccessKeyId`, 'AIPA4EXMPLQ7RSTUVWXYZ', 'is the unique id of an instance profile'],
    ['a key too short', `${DETAILS}.AccessKeyId`, 'ASIA_DUMMY_KEY', 'is not an access key id: it holds "ASIA_DUMMY_KEY"'],
    ['a key with a space', `${DETAILS}.AccessKeyId`, `${KEY} `, 'is not an access key id'],
    ['a key with a hidden character', `${DETAILS}.AccessKeyId`, `${KEY}\u200b`, '\\u200b'],
    ['a key as a number', `${DETAILS}.AccessKeyId`, 7, 'AccessKeyId is not text: it is 7'],
    ['a name with a path', `${DETAILS}.UserName`, 'service/web-app', 'is not the name of a user or role'],
    ['a name with a shell command', `${DETAILS}.UserName`, '$(id)', 'it holds "$(id)"'],
    ['a name that is too long', `${DETAILS}.UserName`, 'x'.repeat(65), '(65 characters)'],
    ['a principal id with a space', `${DETAILS}.PrincipalId`, `${ROLE_ID}:a b`, 'PrincipalId is not a principal id'],
    ['a managed node', 'Resource.InstanceDetails.InstanceId', 'mi-0123456789abcdef0', 'is a managed node outside EC2'],
    [
      'an instance id with 16 digits',
      'Resource.InstanceDetails.InstanceId',
      'i-0123456789abcdef',
      'not the id of an EC2 instance',
    ],
    ['an instance id in capitals', 'Resource.InstanceDetails.InstanceId', 'I-12345678', 'not the id of an EC2 instance'],
    ['the same member in two spellings', 'accountId', '210987654320', 'names accountId twice'],
  ])('%s', (_, path, value, sentence) => {
    const failure = refusedUsage(() => narrowFinding(having(apiFinding, path, value)))
    expect(failure.message).toContain(sentence)
    expect(failure.message).toMatch(/^[A-Z][ -~]*$/)
    expect(failure.remedy).toMatch(/^[A-Z].*[.>]$/)
  })

  it.each([
    [DETAILS, 'UserName', placeholder('user_name')],
    [DETAILS, 'PrincipalId', '{{principal}}'],
    ['Resource.InstanceDetails', 'InstanceId', '<instance id>'],
    [REMOTE, 'IpAddressV4', placeholder('malicious_ip')],
  ])('a placeholder in %s.%s that nobody filled in', (parent, name, value) => {
    const failure = refusedUsage(() => narrowFinding(having(apiFinding, `${parent}.${name}`, value)))
    expect(failure.message).toContain(`${parent}.${name} was never filled in: it still holds the placeholder "${value}"`)
  })

  it('a finding without several members is refused with all of them at once', () => {
    const failure = refusedUsage(() => narrowFinding({ type: 'a:IAMUser/b', severity: 5, id: 'x' }))
    expect(failure.message).toContain('The finding has no accountId and no region and no createdAt and no updatedAt')
  })

  it.each([null, 'x', 3, [], undefined])('%j is no finding', (document) => {
    expect(refusedUsage(() => narrowFinding(document)).message).toContain('The finding is not a JSON object')
  })

  it.each(['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'IQoJb3JpZ2luX2VjEXAMPLETOKENEXAMPLETOKEN', 'A1'.repeat(65)])(
    'a secret in the place of the key is refused and never shown',
    (secret) => {
      for (const path of [`${DETAILS}.AccessKeyId`, `${DETAILS}.PrincipalId`, 'Id', 'AccountId', 'Arn', 'Service.Count']) {
        const told = (() => {
          try {
            return narrowFinding(having(apiFinding, path, secret)).remarks.join(' ')
          } catch (error) {
            return String(error)
          }
        })()
        expect(told).not.toContain(secret.slice(4, 30))
      }
      const failure = refusedUsage(() => narrowFinding(having(apiFinding, `${DETAILS}.AccessKeyId`, secret)))
      expect(failure.message).toContain('holds something that looks like a secret')
      expect(failure.remedy).toContain('rotate it')
    },
  )
})
