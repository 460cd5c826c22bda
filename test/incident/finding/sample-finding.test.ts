import { describe, expect, it } from 'vitest'
import { narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import { apiFinding, having, lowerCamel, sequenceFinding, userActor } from './findings.ts'

const REMOTE = 'Service.Action.AwsApiCallAction.RemoteIpDetails'
const marksOf = (path: string, value: unknown): readonly string[] => narrowFinding(having(apiFinding, path, value)).sampleMarks

describe('a sample is recognised by each of its marks alone', () => {
  it.each<[string, unknown, string]>([
    ['Title', '[SAMPLE] An API was called.', 'the title begins with [SAMPLE]'],
    ['Service.AdditionalInfo', { sample: true }, 'additionalInfo says sample'],
    ['Service.AdditionalInfo', { sample: 'true' }, 'additionalInfo says sample'],
    ['Service.AdditionalInfo', { Type: 'default', Value: '{"sample":true}' }, 'additionalInfo says sample'],
    ['Service.AdditionalInfo', { Type: 'default', Value: '{"sample":"True"}' }, 'additionalInfo says sample'],
    ['Service.AdditionalInfo', '{"sample":true}', 'additionalInfo says sample'],
    ['Resource.AccessKeyDetails.AccessKeyId', 'GeneratedFindingAccessKeyId', 'it holds GeneratedFindingAccessKeyId'],
    ['Resource.AccessKeyDetails.PrincipalId', 'GeneratedFindingPrincipalId', 'it holds GeneratedFindingPrincipalId'],
    ['Resource.AccessKeyDetails.UserName', 'GeneratedFindingUserName', 'it holds GeneratedFindingUserName'],
    ['Resource.AccessKeyDetails.UserType', 'GeneratedFindingUserType', 'it holds GeneratedFindingUserType'],
    ['Service.Action.AwsApiCallAction.Api', 'GeneratedFindingAPIName', 'it holds GeneratedFindingAPIName'],
    [`${REMOTE}.City.CityName`, 'GeneratedFindingCityName', 'it holds GeneratedFindingCityName'],
    [`${REMOTE}.Organization.AsnOrg`, 'GeneratedFindingASNOrg', 'it holds GeneratedFindingASNOrg'],
    [
      'Service.Evidence.ThreatIntelligenceDetails',
      [{ ThreatListName: 'GeneratedFindingThreatListName' }],
      'it holds GeneratedFindingThreatListName',
    ],
    ['Resource.InstanceDetails.InstanceId', 'i-99999999', 'the instance is i-99999999'],
    [`${REMOTE}.IpAddressV4`, '198.51.100.0', 'the address is 198.51.100.0'],
    ['Resource.InstanceDetails.NetworkInterfaces', [{ PublicIp: '198.51.100.0' }], 'the address is 198.51.100.0'],
    ['AccountId', '000000000000', 'the account is 000000000000'],
  ])('%s %j', (path, value, mark) => {
    expect(marksOf(path, value)).toEqual([mark])
  })

  it('the user of a sample attack sequence marks a sample', () => {
    const actor = { ...userActor, User: { Name: 'john_doe', Uid: 'AIDA4EXMPLQ7RSTUVWXYZ', Type: 'IAMUser' } }
    expect(narrowFinding(sequenceFinding({ Actors: [actor] })).sampleMarks).toEqual(['the user is john_doe'])
  })

  it("a mark in EventBridge's spelling marks a sample too", () => {
    expect(narrowFinding(lowerCamel(having(apiFinding, 'Service.AdditionalInfo', { Sample: true }))).sampleMarks).toHaveLength(1)
  })
})

describe('a real finding does not become a sample by values that its caller chooses', () => {
  it.each<[string, unknown]>([
    ['Service.Action.AwsApiCallAction.UserAgent', 'GeneratedFindingUserAgent'],
    ['Resource.AccessKeyDetails.PrincipalId', 'AROA4EXMPLQ7RSTUVWXYZ:GeneratedFindingUserName'],
    ['Resource.AccessKeyDetails.UserName', 'john_doe'],
    ['Description', '[SAMPLE] i-99999999'],
    ['Service.AdditionalInfo', { sample: false }],
    ['Service.AdditionalInfo', { Type: 'default', Value: '{"userAgent":{"sample":true}}' }],
    [`${REMOTE}.IpAddressV4`, '198.51.100.1'],
    ['AccountId', '123456789012'],
  ])('%s %j', (path, value) => {
    expect(marksOf(path, value)).toEqual([])
  })
})
