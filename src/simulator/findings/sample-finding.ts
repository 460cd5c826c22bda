import type { Account } from '../account/account.ts'
import type { FindingDocument } from '../account/detection.ts'
import { timeIn } from '../agenda.ts'
import { hexFrom } from '../random.ts'

/** A finding's id: 32 hexadecimal digits. */
export const newFindingId = (account: Account): string => hexFrom(account.random, 32)

export const findingArn = (account: Account, id: string): string =>
  `arn:${account.partition}:guardduty:${account.region}:${account.id}:detector/${account.detectorId ?? ''}/finding/${id}`

const SAMPLE_RESOURCE = {
  ResourceType: 'AccessKey',
  AccessKeyDetails: {
    AccessKeyId: 'GeneratedFindingAccessKeyId',
    PrincipalId: 'GeneratedFindingPrincipalId',
    UserName: 'GeneratedFindingUserName',
    UserType: 'IAMUser',
  },
  InstanceDetails: { InstanceId: 'i-99999999', ImageId: 'ami-99999999', InstanceState: 'running' },
}

const SAMPLE_ACTION = {
  ActionType: 'AWS_API_CALL',
  AwsApiCallAction: {
    Api: 'GeneratedFindingAPIName',
    ServiceName: 'GeneratedFindingAPIServiceName',
    CallerType: 'Remote IP',
    RemoteIpDetails: { IpAddressV4: '198.51.100.0', Country: { CountryName: 'GeneratedFindingCountryName' } },
    AffectedResources: {},
  },
}

/** A sample finding with the placeholders of "Sample findings": GuardDuty's own, and never to be acted on. */
export const sampleFinding = (account: Account, type: string): FindingDocument => {
  const id = newFindingId(account)
  const now = new Date(timeIn(account)).toISOString()
  return {
    SchemaVersion: '2.0',
    AccountId: account.id,
    Arn: findingArn(account, id),
    CreatedAt: now,
    Id: id,
    Partition: account.partition,
    Region: account.region,
    Type: type,
    Severity: 5,
    Title: '[SAMPLE] An API was invoked from an IP address on a custom threat list.',
    Description: '[SAMPLE] API GeneratedFindingAPIName was invoked from an IP address 198.51.100.0 on a custom threat list.',
    UpdatedAt: now,
    Resource: SAMPLE_RESOURCE,
    Service: {
      ServiceName: 'guardduty',
      DetectorId: account.detectorId,
      Archived: false,
      Count: 1,
      EventFirstSeen: now,
      EventLastSeen: now,
      ResourceRole: 'TARGET',
      Action: SAMPLE_ACTION,
      AdditionalInfo: {
        Type: 'default',
        Value: JSON.stringify({ sample: true, threatListName: 'GeneratedFindingCustomerListName' }),
      },
    },
  }
}
