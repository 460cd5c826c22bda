import { MINUTE_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { quoted } from '../../incident/values/quoted.ts'
import { findingUserName, type IssuedCredential, principalId, principalType } from '../account/credentials.ts'
import type { FindingDocument } from '../account/detection.ts'
import { BOTO_AGENT, KALI_AGENT } from '../actors/attacker.ts'
import { follow } from '../findings/finding-change.ts'
import { findingArn, newFindingId } from '../findings/sample-finding.ts'
import { instanceDetails, type RemoteIp } from './finding-document.ts'
import { type FindingFile, readFindingFile } from './finding-file.ts'
import { isMembers, type Members } from './finding-spelling.ts'
import { actorEventsWhile, startAttacker, writePast } from './incident.ts'
import { joinGroup, terminateSubject } from './instance-fate.ts'
import { obtainUnderName } from './obtained-session.ts'
import { fillPlaceholders, isPlaceholder, type PlaceholderValues, placeholdersIn, withoutSampleMarks } from './placeholders.ts'
import { EXAMPLE_HOSTING } from './remotes.ts'
import type { NamedScenario } from './scenario.ts'
import { ACME, buildStandardAccount, type StandardAccount, THREAT_LIST } from './standard-account.ts'
import { stealFrom } from './subjects/theft.ts'
import { finish } from './theft.ts'
import { appear } from './theft-findings.ts'

const membersOf = (value: unknown): Members => (isMembers(value) ? value : {})

const iso = (ms: number): string => new Date(ms).toISOString()

/** The finding moved into the present, where the attacker of this account is at work: first seen within the last 50 minutes. */
const inThePresent = (now: number): { seen: object; written: object } => ({
  seen: { EventFirstSeen: iso(now - 48 * MINUTE_MS), EventLastSeen: iso(now - 6 * MINUTE_MS) },
  written: { CreatedAt: iso(now - 40 * MINUTE_MS), UpdatedAt: iso(now - 3 * MINUTE_MS) },
})

/** The credential as the account has it. An attack sequence names it among its actors. */
const keyDetailsOf = ({ account }: StandardAccount, { accessKeyId, principal }: IssuedCredential): object => ({
  AccessKeyDetails: {
    AccessKeyId: accessKeyId,
    PrincipalId: principalId(account, principal),
    UserName: findingUserName(principal),
    UserType: principalType(principal),
  },
})

/** An instance that the file only has placeholders for is the account's own, or none where the finding is about somebody else. */
const instanceIn = ({ account, subjectInstance }: StandardAccount, file: FindingFile): object => {
  const { InstanceDetails } = membersOf(file.document.Resource)
  if (!isMembers(InstanceDetails)) return {}
  if (!isPlaceholder(JSON.stringify(InstanceDetails))) return { InstanceDetails }
  return file.subject ? { InstanceDetails: undefined } : { InstanceDetails: instanceDetails(account, subjectInstance) }
}

/** What stands in the place of each placeholder. */
const valuesIn = (
  { account, subjectInstance }: StandardAccount,
  stolen: IssuedCredential,
  remote: RemoteIp,
): PlaceholderValues => ({
  accessKeyId: stolen.accessKeyId,
  principalId: principalId(account, stolen.principal),
  userName: findingUserName(stolen.principal),
  userType: principalType(stolen.principal),
  instanceId: subjectInstance.id,
  remoteIp: remote.ip,
  city: remote.city,
  country: remote.country[1],
  network: remote.network,
  asn: remote.asn,
  threatList: THREAT_LIST,
  bucket: 'acme-web-uploads',
})

/** Whether it is an id as GuardDuty's are: by any other, nobody could name the finding. */
const isFindingId = (id: unknown): id is string => typeof id === 'string' && /^[0-9a-f]{32}$/.test(id)

/** The finding as the account's GuardDuty has it: the file's own words, completed and made to fit what was built. */
const placed = (standard: StandardAccount, stolen: IssuedCredential, file: FindingFile, remote: RemoteIp): FindingDocument => {
  const { account, now } = standard
  const document = fillPlaceholders(withoutSampleMarks(file.document), valuesIn(standard, stolen, remote)) as Members
  const { seen, written } = inThePresent(now)
  const id = isFindingId(document.Id) ? document.Id : newFindingId(account)
  const isOwn = typeof document.Arn === 'string' && document.Arn.includes(`:${account.id}:`) && document.Arn.endsWith(id)
  return {
    SchemaVersion: '2.0',
    Severity: 5,
    ...document,
    ...written,
    Arn: isOwn ? String(document.Arn) : findingArn(account, id),
    UpdatedAt: iso(now - 3 * MINUTE_MS),
    Id: id,
    Type: String(document.Type),
    AccountId: account.id,
    Partition: account.partition,
    Region: account.region,
    Resource: given({
      ResourceType: 'AccessKey',
      ...membersOf(document.Resource),
      ...instanceIn(standard, file),
      ...(isSequence(document) || !file.isAboutCredentials ? {} : keyDetailsOf(standard, stolen)),
    }),
    Service: {
      ServiceName: 'guardduty',
      Count: 1,
      ResourceRole: 'TARGET',
      ...membersOf(document.Service),
      ...seen,
      DetectorId: account.detectorId,
      Archived: false,
    },
  }
}

/** An attack sequence has its credential among its actors, and no single call. */
const isSequence = ({ Service }: Members): boolean => membersOf(membersOf(Service).Detection).Sequence !== undefined

const placeFinding = (standard: StandardAccount, finding: FindingDocument, file: FindingFile, appearsAfter: number): string => {
  appear(standard, finding, appearsAfter)
  if (!isSequence(file.document) && file.isAboutCredentials)
    follow(standard.account, finding.Id, 180, ({ who, action }) => who === 'attacker' && action !== 's3:GetObject')
  return finding.Id
}

const SHOWN = 6

const placeholderNote = (file: FindingFile, values: PlaceholderValues): readonly string[] => {
  const found = placeholdersIn(file.document)
  if (found.length === 0) return []
  const more = found.length > SHOWN ? ` and ${found.length - SHOWN} more` : ''
  const { accessKeyId, userType, userName, instanceId, remoteIp } = values
  return [
    `The finding has placeholders (${found.slice(0, SHOWN).join(', ')}${more}). They are replaced in this account: the access key is ${accessKeyId} of ${userType} ${userName}, the instance ${instanceId}, the address ${remoteIp}.`,
  ]
}

/** What was changed about the finding, in sentences. */
const notesOn = (
  standard: StandardAccount,
  stolen: IssuedCredential,
  file: FindingFile,
  values: PlaceholderValues,
  findingId: unknown,
): readonly string[] => {
  const { AccountId, Id } = file.document
  const isOtherAccount = AccountId !== undefined && AccountId !== standard.account.id
  return [
    ...placeholderNote(file, values),
    ...(file.isSample ? ['It is a sample: nothing that it describes has happened. In this account it has.'] : []),
    ...(isOtherAccount
      ? [`The finding’s account id ${quoted(AccountId)} does not have 12 digits. This is account ${standard.account.id}.`]
      : []),
    ...(Id === undefined || Id === findingId
      ? []
      : [`The finding’s id ${quoted(Id)} is not one of GuardDuty’s. Here it is ${findingId}.`]),
    ...(file.isAboutCredentials
      ? []
      : [
          `The finding names no access key. In this account the attacker has the credentials of its instance too: ${stolen.accessKeyId}.`,
        ]),
  ]
}

/** The theft that the finding is about, up to the present. */
const steal = (standard: StandardAccount, file: FindingFile, remoteIp: string) => {
  if (file.subject) return stealFrom(standard, file.subject, remoteIp)
  if (file.groupName !== undefined) joinGroup(standard, file.groupName)
  const taken = writePast(standard, '2.0')
  const stolen = file.chosenName ? obtainUnderName(standard, file.chosenName) : taken
  return { stolen, actorEvents: actorEventsWhile(standard, () => startAttacker(standard, stolen, remoteIp)) }
}

/**
 * A scenario around a parsed finding document: its account, Region, subject, key and instance, with an attacker at its remote address.
 * Its times are moved into the present, placeholders are replaced, and the built scenario's `notes` say so. Throws a Failure of kind usage
 * when no account can be built around it.
 */
export const scenarioFromFinding = (parsed: unknown): NamedScenario => {
  const file = readFindingFile(parsed)
  return {
    id: 'from-finding',
    title: 'An account around your finding',
    story:
      'This account was built around a finding of yours: its principal, its key and what they belong to, with an attacker at its remote address.',
    build: (options) => {
      const standard = buildStandardAccount(options, { ...ACME, ...file.identity })
      if (file.publicIp !== undefined) standard.subjectInstance.publicIp = file.publicIp
      const remote = { ...EXAMPLE_HOSTING, ip: file.remoteIp ?? EXAMPLE_HOSTING.ip }
      const { stolen, actorEvents, ...theft } = steal(standard, file, remote.ip)
      const finding = placed(standard, stolen, file, remote)
      const { newCredentials, stolenToken, management } = theft as Partial<ReturnType<typeof stealFrom>>
      const notes = notesOn(standard, stolen, file, valuesIn(standard, stolen, remote), finding.Id)
      if (file.isTerminated && !file.subject) terminateSubject(standard)
      return finish(standard, {
        ...{ stolen, actorEvents, remote, userAgents: [KALI_AGENT, BOTO_AGENT] },
        placeFindings: () => placeFinding(standard, finding, file, options.findingAppearsAfter ?? 0),
        modelAnswers: ['This is the standard case with the names of your finding.'],
        more: { notes, ...given({ stolenToken }) },
        ...given({ newCredentials, management }),
      })
    },
  }
}
