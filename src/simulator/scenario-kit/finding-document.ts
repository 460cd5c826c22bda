import { given } from '../../incident/values/given.ts'
import type { Account, ActorEvent, Instance } from '../account/account.ts'
import { type CredentialPrincipal, findingUserName, principalId, principalType } from '../account/credentials.ts'
import type { FindingDocument } from '../account/detection.ts'
import { calledApi } from '../findings/finding-change.ts'
import { findingArn, newFindingId } from '../findings/sample-finding.ts'

/** Where a call came from, as GuardDuty describes it. */
export interface RemoteIp {
  readonly ip: string
  readonly country: readonly [code: string, name: string]
  readonly city: string
  readonly asn: string
  readonly network: string
  readonly place: readonly [latitude: number, longitude: number]
}

/** When something was seen, all in ms: first and last occurrence, and when GuardDuty wrote the finding first and last. */
export interface Sightings {
  readonly first: number
  readonly last: number
  readonly created: number
  readonly updated: number
  readonly count: number
}

export interface KeyFinding {
  readonly type: string
  readonly severity: number
  readonly title: string
  readonly description: string
  readonly accessKeyId: string
  readonly principal: CredentialPrincipal
  readonly call: Pick<ActorEvent, 'action' | 'outcome'>
  readonly userAgent?: string
  readonly remote: RemoteIp
  readonly sightings: Sightings
  /** Findings about credentials often lack it; where it is there, it describes the instance of the session. */
  readonly instance?: Instance
  readonly threatList?: string
  readonly archived?: boolean
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** The instance as a finding describes it. */
export const instanceDetails = (account: Account, instance: Instance): Readonly<Record<string, unknown>> => {
  const profile = account.instanceProfiles.get(instance.profileName ?? '')
  return {
    InstanceId: instance.id,
    InstanceType: instance.type,
    ImageId: instance.imageId,
    LaunchTime: iso(instance.launchTime),
    AvailabilityZone: instance.availabilityZone,
    InstanceState: instance.state,
    ...(profile
      ? {
          IamInstanceProfile: {
            Arn: `arn:${account.partition}:iam::${account.id}:instance-profile${profile.path}${profile.name}`,
            Id: profile.id,
          },
        }
      : {}),
    NetworkInterfaces: [
      {
        PrivateIpAddress: instance.privateIp,
        PrivateIpAddresses: [{ PrivateIpAddress: instance.privateIp }],
        ...given({ PublicIp: instance.publicIp }),
        SubnetId: instance.subnetId,
        VpcId: instance.vpcId,
        SecurityGroups: [{ GroupId: 'sg-0a1b2c3d4e5f60718', GroupName: 'web' }],
      },
    ],
    Tags: Object.entries(instance.tags).map(([Key, Value]) => ({ Key, Value })),
  }
}

const remoteIpDetails = ({ ip, country, city, asn, network, place }: RemoteIp): Readonly<Record<string, unknown>> => ({
  IpAddressV4: ip,
  City: { CityName: city },
  Country: { CountryCode: country[0], CountryName: country[1] },
  GeoLocation: { Lat: place[0], Lon: place[1] },
  Organization: { Asn: asn, AsnOrg: network, Isp: network, Org: network },
})

/** The threat list's name stands in two places: as JSON text in AdditionalInfo, and in Evidence. */
const threatIntelligence = (list: string | undefined): Readonly<Record<string, unknown>> => {
  if (list === undefined) return { AdditionalInfo: { Type: 'default', Value: '{}' } }
  return {
    AdditionalInfo: { Type: 'default', Value: JSON.stringify({ threatListName: list }) },
    Evidence: { ThreatIntelligenceDetails: [{ ThreatListName: list, ThreatNames: [] }] },
  }
}

const serviceOf = (account: Account, finding: KeyFinding): Readonly<Record<string, unknown>> => ({
  ServiceName: 'guardduty',
  DetectorId: account.detectorId,
  Archived: finding.archived ?? false,
  Count: finding.sightings.count,
  EventFirstSeen: iso(finding.sightings.first),
  EventLastSeen: iso(finding.sightings.last),
  ResourceRole: 'TARGET',
  Action: {
    ActionType: 'AWS_API_CALL',
    AwsApiCallAction: {
      ...calledApi({ who: 'attacker', at: 0, explicit: false, ...finding.call }),
      CallerType: 'Remote IP',
      ...given({ UserAgent: finding.userAgent }),
      RemoteIpDetails: remoteIpDetails(finding.remote),
      AffectedResources: {},
    },
  },
  ...threatIntelligence(finding.threatList),
})

const envelope = (account: Account, type: string, { created, updated }: Pick<Sightings, 'created' | 'updated'>) => {
  const id = newFindingId(account)
  return {
    SchemaVersion: '2.0',
    AccountId: account.id,
    Arn: findingArn(account, id),
    CreatedAt: iso(created),
    Id: id,
    Partition: account.partition,
    Region: account.region,
    Type: type,
    UpdatedAt: iso(updated),
  }
}

/** A finding about an access key, in the API's shape. */
export const keyFinding = (account: Account, finding: KeyFinding): FindingDocument => {
  const { principal } = finding
  return {
    ...envelope(account, finding.type, finding.sightings),
    Severity: finding.severity,
    Title: finding.title,
    Description: finding.description,
    Resource: {
      ResourceType: finding.type.includes(':S3/') ? 'S3Bucket' : 'AccessKey',
      AccessKeyDetails: {
        AccessKeyId: finding.accessKeyId,
        PrincipalId: principalId(account, principal),
        UserName: findingUserName(principal),
        UserType: principalType(principal),
      },
      ...given({ InstanceDetails: finding.instance ? instanceDetails(account, finding.instance) : undefined }),
    },
    Service: serviceOf(account, finding),
  }
}

/** A finding about an instance's network traffic: no key, no principal, nothing to revoke. */
export const instanceFinding = (
  account: Account,
  instance: Instance,
  about: {
    readonly type: string
    readonly severity: number
    readonly title: string
    readonly seen: number
    readonly remote: RemoteIp
  },
): FindingDocument => ({
  ...envelope(account, about.type, { created: about.seen, updated: about.seen }),
  Severity: about.severity,
  Title: about.title,
  Description: about.title,
  Resource: { ResourceType: 'Instance', InstanceDetails: instanceDetails(account, instance) },
  Service: {
    ServiceName: 'guardduty',
    DetectorId: account.detectorId,
    Archived: false,
    Count: 3,
    EventFirstSeen: iso(about.seen - 600_000),
    EventLastSeen: iso(about.seen),
    ResourceRole: 'TARGET',
    Action: {
      ActionType: 'PORT_PROBE',
      PortProbeAction: {
        Blocked: false,
        PortProbeDetails: [{ LocalPortDetails: { Port: 22, PortName: 'SSH' }, RemoteIpDetails: remoteIpDetails(about.remote) }],
      },
    },
    AdditionalInfo: { Type: 'default', Value: '{}' },
  },
})
