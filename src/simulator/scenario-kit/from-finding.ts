import { MINUTE_MS } from '../../incident/values/duration.ts'
import { findingUserName, type IssuedCredential, principalId, principalType } from '../account/credentials.ts'
import type { FindingDocument } from '../account/detection.ts'
import { BOTO_AGENT, KALI_AGENT } from '../actors/attacker.ts'
import { follow } from '../findings/finding-change.ts'
import { findingArn, newFindingId } from '../findings/sample-finding.ts'
import { type FindingFile, readFindingFile } from './finding-file.ts'
import { actorEventsWhile, startAttacker, writePast } from './incident.ts'
import { obtainUnderName } from './obtained-session.ts'
import { EXAMPLE_HOSTING } from './remotes.ts'
import type { NamedScenario } from './scenario.ts'
import { ACME, buildStandardAccount, type StandardAccount } from './standard-account.ts'
import { finish } from './theft.ts'
import { appear } from './theft-findings.ts'

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

const iso = (ms: number): string => new Date(ms).toISOString()

/** The finding moved into the present, where the attacker of this account is at work: first seen within the last 50 minutes. */
const inThePresent = (now: number): { seen: object; written: object } => ({
  seen: { EventFirstSeen: iso(now - 48 * MINUTE_MS), EventLastSeen: iso(now - 6 * MINUTE_MS) },
  written: { CreatedAt: iso(now - 40 * MINUTE_MS), UpdatedAt: iso(now - 3 * MINUTE_MS) },
})

/** The finding as the account's GuardDuty has it: the file's own words, completed and made to fit what was built. */
const placed = ({ account, now }: StandardAccount, stolen: IssuedCredential, { document }: FindingFile): FindingDocument => {
  const { seen, written } = inThePresent(now)
  const id = typeof document.Id === 'string' ? document.Id : newFindingId(account)
  const service = membersOf(document.Service)
  const { principal } = stolen
  return {
    SchemaVersion: '2.0',
    Severity: 5,
    Arn: findingArn(account, id),
    ...document,
    ...written,
    UpdatedAt: iso(now - 3 * MINUTE_MS),
    Id: id,
    Type: String(document.Type),
    AccountId: account.id,
    Partition: account.partition,
    Region: account.region,
    Resource: {
      ResourceType: 'AccessKey',
      ...membersOf(document.Resource),
      ...(isSequence(document)
        ? {}
        : {
            AccessKeyDetails: {
              AccessKeyId: stolen.accessKeyId,
              PrincipalId: principalId(account, principal),
              UserName: findingUserName(principal),
              UserType: principalType(principal),
            },
          }),
    },
    Service: {
      ServiceName: 'guardduty',
      Count: 1,
      ResourceRole: 'TARGET',
      ...service,
      ...seen,
      DetectorId: account.detectorId,
      Archived: false,
    },
  }
}

/** An attack sequence has its credential among its actors, and no single call. */
const isSequence = ({ Service }: FindingFile['document']): boolean =>
  membersOf(membersOf(Service).Detection).Sequence !== undefined

const placeFinding = (standard: StandardAccount, stolen: IssuedCredential, file: FindingFile, appearsAfter: number): string => {
  const finding = placed(standard, stolen, file)
  appear(standard, finding, appearsAfter)
  if (!isSequence(file.document))
    follow(standard.account, finding.Id, 180, ({ who, action }) => who === 'attacker' && action !== 's3:GetObject')
  return finding.Id
}

/**
 * A scenario around a parsed finding document: its account, Region, role, key and instance, with an attacker at its remote address.
 * Its times are moved into the present. Throws a Failure of kind usage when no account can be built around it.
 */
export const scenarioFromFinding = (parsed: unknown): NamedScenario => {
  const file = readFindingFile(parsed)
  return {
    id: 'from-finding',
    title: 'An account around your finding',
    story:
      'This account was built around a finding of yours: its role, its key and its instance, with an attacker at its remote address.',
    build: (options) => {
      const standard = buildStandardAccount(options, { ...ACME, ...file.identity })
      if (file.publicIp !== undefined) standard.subjectInstance.publicIp = file.publicIp
      const taken = writePast(standard, '2.0')
      const stolen = file.chosenName ? obtainUnderName(standard, file.chosenName) : taken
      const remote = { ...EXAMPLE_HOSTING, ip: file.remoteIp ?? EXAMPLE_HOSTING.ip }
      const actorEvents = actorEventsWhile(standard, () => startAttacker(standard, stolen, remote.ip))
      return finish(standard, {
        stolen,
        actorEvents,
        remote,
        userAgents: [KALI_AGENT, BOTO_AGENT],
        placeFindings: () => placeFinding(standard, stolen, file, options.findingAppearsAfter ?? 0),
        modelAnswers: ['This is the standard case with the names of your finding.'],
      })
    },
  }
}
