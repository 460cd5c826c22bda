import { describe, expect, it } from 'vitest'
import { findingsIn, narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { refusedUsage } from './refused.ts'

const ARN =
  'arn:aws:guardduty:eu-west-1:111122223333:detector/7ab2c0d4e6f81a3b5c7d9e0f1a2b3c4d/finding/a1b2c3d4e5f60718293a4b5c6d7e000e'
const PRODUCT = 'arn:aws:securityhub:eu-west-1::product/aws/guardduty'
const KEY = 'ASIAXCSEC6TNGZ6EZUUO'
const PRINCIPAL = 'AROAXCSEC6TNB2WZPQ7LK:i-08faaaafb15777f5a'
const details = { AwsIamAccessKey: { PrincipalId: PRINCIPAL, PrincipalName: 'web-app', PrincipalType: 'AssumedRole' } }

const asff = (parts: object = {}, fields: object = {}) => ({
  ...{ SchemaVersion: '2018-10-08', Id: ARN, ProductArn: PRODUCT, AwsAccountId: '111122223333', Region: 'eu-west-1' },
  Types: ['TTPs/Unauthorized Access/IAMUser-InstanceCredentialExfiltration.OutsideAWS'],
  ...{ FirstObservedAt: '2026-11-29T03:42:10Z', LastObservedAt: '2026-11-29T04:20:10Z' },
  ...{ CreatedAt: '2026-11-29T03:52:10.123Z', UpdatedAt: '2026-11-29T04:27:10.123Z' },
  Severity: { Product: 8, Label: 'HIGH', Normalized: 70 },
  ...{ Title: 'Credentials were used.', Description: '…', RecordState: 'ACTIVE' },
  ProductFields: {
    'aws/guardduty/service/archived': 'false',
    'aws/guardduty/service/count': '3',
    'aws/guardduty/service/action/awsApiCallAction/api': 'ListBuckets',
    'aws/guardduty/service/action/awsApiCallAction/remoteIpDetails/ipAddressV4': '198.51.100.23',
    ...fields,
  },
  Resources: [
    { Type: 'AwsIamAccessKey', Id: `AWS::IAM::AccessKey:${KEY}`, Partition: 'aws', Details: details },
    { Type: 'AwsEc2Instance', Id: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-08faaaafb15777f5a' },
  ],
  ...parts,
})

const ocsf = (parts: object = {}) => ({
  ...{ class_uid: 2004, activity_id: 1, severity_id: 4, time: Date.parse('2026-11-29T04:27:10Z'), status: 'New' },
  cloud: { account: { uid: '111122223333' }, provider: 'AWS', region: 'eu-west-1' },
  metadata: { product: { name: 'GuardDuty', uid: PRODUCT }, version: '1.1.0' },
  finding_info: {
    ...{ uid: ARN, title: 'Credentials were used.', types: ['TTPs/UnauthorizedAccess:IAMUser-MaliciousIPCaller.Custom'] },
    created_time: Date.parse('2026-11-29T03:52:10Z'),
    first_seen_time_dt: '2026-11-29T03:42:10Z',
  },
  resources: [{ type: 'AwsIamAccessKey', uid: `AWS::IAM::AccessKey:${KEY}`, data: details }],
  ...parts,
})

const read = (document: unknown) => {
  const [first] = findingsIn(document)
  return narrowFinding(first)
}

const WHOSE = {
  ...{ id: 'a1b2c3d4e5f60718293a4b5c6d7e000e', accountId: '111122223333', region: 'eu-west-1', partition: 'aws', arn: ARN },
  ...{ accessKeyId: KEY, principalId: PRINCIPAL, userName: 'web-app', userType: 'AssumedRole' },
}

describe('a finding of GuardDuty in Security Hub (ASFF)', () => {
  it.each([
    ['alone', asff()],
    ['in the answer of get-findings', { Findings: [asff()] }],
    ['in an event', { 'detail-type': 'Security Hub Findings - Imported', detail: { findings: [asff()] } }],
  ])('is read as GuardDuty’s own, %s', (_, document) => {
    const finding = read(document)
    expect(finding).toMatchObject({
      ...WHOSE,
      ...{ instanceId: 'i-08faaaafb15777f5a', severity: 8, count: 3, archived: false, sampleMarks: [] },
      type: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS',
      ...{ firstSeen: '2026-11-29T03:42:10Z', lastSeen: '2026-11-29T04:20:10Z' },
      action: { type: 'AWS_API_CALL', remote: { ip: '198.51.100.23' } },
    })
    expect(finding.action?.api && rawText(finding.action.api)).toBe('ListBuckets')
  })

  it('has its type in one of two spellings', () => {
    expect(read(asff({ Types: ['TTPs/Discovery:IAMUser-AnomalousBehavior'] })).type).toBe('Discovery:IAMUser/AnomalousBehavior')
    expect(read(asff({ Types: ['TTPs/Discovery/IAMUser-AnomalousBehavior'] })).type).toBe('Discovery:IAMUser/AnomalousBehavior')
  })

  it('has the severity of its label where GuardDuty’s number is gone', () => {
    expect(read(asff({ Severity: { Label: 'CRITICAL' } })).severity).toBe(9)
  })

  it('is found by the id that Security Hub keeps beside a changed one', () => {
    expect(read(asff({ Id: 'x' }, { 'aws/securityhub/FindingId': `${PRODUCT}/${ARN}` }))).toMatchObject(WHOSE)
  })

  it('is a sample where its product fields say so', () => {
    expect(read(asff({}, { 'aws/guardduty/service/additionalInfo/sample': 'true' })).sampleMarks).not.toEqual([])
  })

  it('is archived where its record is', () => {
    expect(read(asff({ RecordState: 'ARCHIVED', ProductFields: {} })).archived).toBe(true)
  })

  it('changes no object of the program by the names of its product fields', () => {
    read(
      asff(
        {},
        { 'aws/guardduty/service/__proto__/polluted': 'yes', 'aws/guardduty/service/constructor/prototype/polluted': 'yes' },
      ),
    )
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })

  it('is refused where its type is none of GuardDuty’s', () => {
    expect(refusedUsage(() => read(asff({ Types: ['Software and Configuration Checks'] }))).message).toContain('whose type')
  })
})

describe('a finding of GuardDuty in OCSF', () => {
  it('is read as GuardDuty’s own', () => {
    expect(read(ocsf())).toMatchObject({
      ...WHOSE,
      ...{ type: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom', severity: 8 },
      ...{ createdAt: '2026-11-29T03:52:10Z', updatedAt: '2026-11-29T04:27:10Z', firstSeen: '2026-11-29T03:42:10Z' },
    })
  })

  it('gives the caller that its evidence names', () => {
    const evidences = [
      { api: { operation: 'ListBuckets', service: { name: 's3.amazonaws.com' } }, src_endpoint: { ip: '198.51.100.23' } },
    ]
    expect(read(ocsf({ evidences })).action).toMatchObject({ remote: { ip: '198.51.100.23' } })
  })

  it('gives the key that its evidence names where no resource does', () => {
    const user = { credential_uid: KEY, uid: PRINCIPAL, name: 'web-app', type: 'AssumedRole' }
    expect(read(ocsf({ resources: [], evidences: [{ actor: { user } }] }))).toMatchObject({ accessKeyId: KEY })
  })
})
