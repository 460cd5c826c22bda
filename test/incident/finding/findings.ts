/** Builders of findings as documents. The shape is that of GetFindings; `lowerCamel` makes it EventBridge's. */
export type Document = Readonly<Record<string, unknown>>

/** What a template holds before it is filled in. A caller may also choose it as a user agent. */
export const placeholder = (name: string): string => `\${${name}}`

export const ACCOUNT = '210987654321'
export const FINDING_ID = '3ac1f2d4e5b60718293a4b5c6d7e8f90'
export const INSTANCE = 'i-0123456789abcdef0'
export const ROLE_ID = 'AROA4EXMPLQ7RSTUVWXYZ'
export const KEY = 'ASIA4EXMPLABCDEFGH12'

export const apiFinding: Document = {
  SchemaVersion: '2.0',
  AccountId: ACCOUNT,
  Region: 'eu-central-1',
  Partition: 'aws',
  Id: FINDING_ID,
  Arn: `arn:aws:guardduty:eu-central-1:${ACCOUNT}:detector/12ab34cd56ef/finding/${FINDING_ID}`,
  Type: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
  Title: 'The API ListBuckets was called from an address on a custom threat list.',
  Description: 'API ListBuckets was called from an IP address on the custom threat list.',
  Severity: 5,
  CreatedAt: '2026-11-25T01:40:09.989Z',
  UpdatedAt: '2026-11-25T02:14:07Z',
  Resource: {
    ResourceType: 'AccessKey',
    AccessKeyDetails: { AccessKeyId: KEY, PrincipalId: `${ROLE_ID}:${INSTANCE}`, UserName: 'web-app', UserType: 'AssumedRole' },
    InstanceDetails: { InstanceId: INSTANCE, NetworkInterfaces: [{ PublicIp: '203.0.113.10', Ipv6Addresses: [] }] },
  },
  Service: {
    ServiceName: 'guardduty',
    DetectorId: '12ab34cd56ef',
    Archived: false,
    Count: 7,
    EventFirstSeen: '2026-11-25T01:30:00Z',
    EventLastSeen: '2026-11-25T02:10:00Z',
    Action: {
      ActionType: 'AWS_API_CALL',
      AwsApiCallAction: {
        Api: 'ListBuckets',
        ServiceName: 's3.amazonaws.com',
        CallerType: 'Remote IP',
        UserAgent: `aws-cli/2.17 ${placeholder('jndi:x')} <b>`,
        RemoteIpDetails: {
          IpAddressV4: '203.0.113.77',
          Country: { CountryName: 'Iceland' },
          City: { CityName: 'Reykjavík' },
          Organization: { Asn: '64500', AsnOrg: 'EXAMPLE-NET', Isp: 'Example ISP', Org: 'Example' },
        },
      },
    },
    AdditionalInfo: { Type: 'default', Value: '{"threatListName":"our-list","recentApiCalls":[]}' },
    Evidence: { ThreatIntelligenceDetails: [{ ThreatListName: 'our-list' }, { ThreatListName: 'second-list' }] },
  },
}

const isDocument = (value: unknown): value is Document => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same document with one member down the path changed; without it when the value is undefined. */
export const having = (document: Document, path: string, value: unknown): Document => {
  const [name = '', ...rest] = path.split('.')
  const chainedSession = document[name]
  const inner = rest.length === 0 ? value : having(isDocument(chainedSession) ? chainedSession : {}, rest.join('.'), value)
  return Object.fromEntries(Object.entries({ ...document, [name]: inner }).filter(([, member]) => member !== undefined))
}

/** The API's UpperCamelCase as EventBridge and the console write it. */
export const lowerCamel = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(lowerCamel)
  if (!isDocument(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.charAt(0).toLowerCase() + name.slice(1), lowerCamel(member)]),
  )
}

export const eventOf = (detail: unknown): Document => ({
  version: '0',
  id: '28e463cd-ca3b-587f-045e-49903af281e5',
  'detail-type': 'GuardDuty Finding',
  source: 'aws.guardduty',
  account: ACCOUNT,
  time: '2026-11-25T02:14:08Z',
  region: 'eu-central-1',
  resources: [],
  detail,
})

export const sequenceFinding = (sequence: Document): Document => {
  const plain = having(having(apiFinding, 'Resource', { ResourceType: 'AttackSequence' }), 'Service.Action', undefined)
  const typed = having(having(plain, 'Type', 'AttackSequence:IAM/CompromisedCredentials'), 'Severity', 9)
  return having(typed, 'Service.Detection', { Sequence: { Uid: 'sequence-1', Description: 'x', Signals: [], ...sequence } })
}

export const roleActor: Document = {
  Id: `user:AssumedRole:${ROLE_ID}:${INSTANCE}`,
  User: { Name: INSTANCE, Uid: `${ROLE_ID}:${INSTANCE}`, Type: 'AssumedRole', CredentialUid: KEY, Account: { Uid: ACCOUNT } },
  Session: { Uid: 's-1', CreatedTime: '2026-11-25T00:00:00Z', Issuer: `arn:aws:iam::${ACCOUNT}:role/service/web-app` },
}

export const userActor: Document = {
  Id: 'user:IAMUser:AIDA4EXMPLQ7RSTUVWXYZ',
  User: { Name: 'alice', Uid: 'AIDA4EXMPLQ7RSTUVWXYZ', Type: 'IAMUser', CredentialUid: 'AKIA4EXMPLABCDEFGH34' },
}
