import type { Indicator } from '@aws-sdk/client-detective'
import type { ActorEvent } from '../account/account.ts'
import type { FindingDocument } from '../account/detection.ts'
import { BOTO_AGENT } from '../actors/attacker.ts'
import type { RemoteIp } from './finding-document.ts'

type Ttp = readonly [pattern: RegExp, tactic: string, technique: string, procedure: string]

/** The attacker's calls in the words of MITRE ATT&CK, as Detective groups them. */
const TTPS: readonly Ttp[] = [
  [/^(ec2:Describe|s3:List|s3:GetBucket)/, 'Discovery', 'Cloud Infrastructure Discovery', 'Listing of cloud resources'],
  [/^iam:(List|Get)/, 'Discovery', 'Cloud Account Discovery', 'Listing of identities and their permissions'],
  [/^secretsmanager:/, 'Credential Access', 'Credentials from Password Stores', 'Listing of stored secrets'],
  [/^iam:Create/, 'Persistence', 'Create Account', 'Creation of a user'],
  [/^sts:AssumeRole$/, 'Privilege Escalation', 'Valid Accounts', 'Attempt to assume another role'],
]

const ttpIndicators = (events: readonly ActorEvent[], ip: string): Indicator[] =>
  TTPS.flatMap(([pattern, Tactic, Technique, Procedure]) => {
    const matching = events.filter(({ action }) => pattern.test(action))
    const [first] = matching
    if (!first) return []
    const succeeded = matching.filter(({ outcome }) => outcome === 'ok').length
    return {
      IndicatorType: 'TTP_OBSERVED',
      IndicatorDetail: {
        TTPsObservedDetail: {
          Tactic,
          Technique,
          Procedure,
          IpAddress: ip,
          APIName: first.action.split(':')[1],
          APISuccessCount: succeeded,
          APIFailureCount: matching.length - succeeded,
        },
      },
    }
  })

/** Everybody in an account scripts with boto3; a penetration tester's computer is nobody's. */
const userAgentIndicator = (UserAgent: string): Indicator => ({
  IndicatorType: 'NEW_USER_AGENT',
  IndicatorDetail: { NewUserAgentDetail: { UserAgent, IsNewForEntireAccount: UserAgent !== BOTO_AGENT } },
})

const relatedFinding = (finding: FindingDocument, IpAddress: string): Indicator => ({
  IndicatorType: 'RELATED_FINDING',
  IndicatorDetail: { RelatedFindingDetail: { Arn: String(finding.Arn), Type: finding.Type, IpAddress } },
})

const findingGroup: Indicator = {
  IndicatorType: 'RELATED_FINDING_GROUP',
  IndicatorDetail: { RelatedFindingGroupDetail: { Id: 'ad3bd2b1-0c5e-4f8a-9a5e-1f6f4c0f7a11' } },
}

const placeOf = ({ city, country }: RemoteIp): string => `${city}, ${country[1]}`

/** What shows only for calls from somewhere else: new places, new networks, journeys nobody can make. */
const foreignIndicators = (remote: RemoteIp, ownIp: string): Indicator[] => [
  {
    IndicatorType: 'IMPOSSIBLE_TRAVEL',
    IndicatorDetail: {
      ImpossibleTravelDetail: {
        StartingIpAddress: ownIp,
        EndingIpAddress: remote.ip,
        StartingLocation: 'Ashburn, United States',
        EndingLocation: placeOf(remote),
        HourlyTimeDelta: 1,
      },
    },
  },
  {
    IndicatorType: 'FLAGGED_IP_ADDRESS',
    IndicatorDetail: { FlaggedIpAddressDetail: { IpAddress: remote.ip, Reason: 'AWS_THREAT_INTELLIGENCE' } },
  },
  {
    IndicatorType: 'NEW_GEOLOCATION',
    IndicatorDetail: { NewGeolocationDetail: { Location: placeOf(remote), IpAddress: remote.ip, IsNewForEntireAccount: true } },
  },
  {
    IndicatorType: 'NEW_ASO',
    IndicatorDetail: { NewAsoDetail: { Aso: remote.network, IsNewForEntireAccount: true } },
  },
]

export interface IndicatorSource {
  readonly events: readonly ActorEvent[]
  readonly remote: RemoteIp
  /** The instance's own address: when it is the remote one, nothing about the place is new. */
  readonly ownIp: string
  readonly userAgents: readonly string[]
  readonly related: readonly FindingDocument[]
}

/** Everything an investigation of the role will show, in the API's shape. */
export const scenarioIndicators = ({ events, remote, ownIp, userAgents, related }: IndicatorSource): Indicator[] => [
  ...ttpIndicators(events, remote.ip),
  ...(remote.ip === ownIp ? [] : foreignIndicators(remote, ownIp)),
  ...userAgents.map(userAgentIndicator),
  ...related.map((finding) => relatedFinding(finding, remote.ip)),
  findingGroup,
]
