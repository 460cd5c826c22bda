import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus, wholeSecond } from '../../../incident/values/instant.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { assumedSession, assumedSource, mayHaveMadeAPassword } from './assumed-steps.ts'
import { type LookedStep, type StepLook, shows } from './hand-steps.ts'
import { arrivedBy, plainText, readWords, sourceText, succeeded, unreadSince } from './newest-calls.ts'
import { MFA_CHANGES, PASSWORD_CHANGES } from './root-look.ts'
import { elsewhere, isOfAttacker, type RootSeen, theftAt } from './root-seen.ts'

const NOT_READ = 'iam:GetAccountSummary could not be read'

/** What the shell has of a session. */
const SESSION = 'AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN'

/** Takes a session of AssumeRoot in the management account and lets the shell use it: it may delete what the root user signs in with, and nothing else. */
const deletingSession = ({ finding, setting }: RootSeen): string => {
  const assume = elsewhere(setting)(
    `sts assume-root --target-principal ${finding.accountId} --task-policy-arn arn=arn:${finding.partition}:iam::aws:policy/root-task/IAMDeleteRootUserCredentials --duration-seconds 900 --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text`,
    finding.region,
  )
  return `read -r ${SESSION} <<< "$(${assume})" && export ${SESSION}`
}

/** Where the root user's ways in are taken away: a member's from the management account, without signing in. */
const closingPlace = ({ look: { organization } }: RootSeen): string =>
  organization.is === 'member'
    ? `in management account ${organization.managementAccountId}, if root access is managed centrally; else as the root user`
    : 'as the root user'

const closingCommands = ({ setting }: RootSeen, ...commands: readonly string[]): readonly string[] =>
  commands.map((words) => elsewhere(setting)(words))

/** Denies root in the account; sessions of AssumeRoot are spared, by which the clean-up is done. */
const denyingPolicy = (partition: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Effect: 'Deny', Action: '*', Resource: '*' },
        Condition: {
          ArnLike: { 'aws:PrincipalArn': `arn:${partition}:iam::*:root` },
          Null: { 'aws:AssumedRoot': 'true' },
        },
      },
    ],
  })

/** The longest session of the console. Sessions of GetSessionToken and GetFederationToken of the root user live an hour. */
const LONGEST_SESSION = 12 * HOUR_SECONDS

const sessionsLook = ({ closedAt, look }: RootSeen): StepLook => {
  if (closedAt === undefined)
    return shows(
      'nothing',
      'no account shows this from inside; sessions live up to 12 hours, and more can be opened until the password and the keys are gone',
    )
  const end = wholeSecond(plus(closedAt, LONGEST_SESSION))
  return isBefore(end, look.at)
    ? shows('done', `every session from before ${wholeSecond(closedAt)} has ended: none lives longer than 12 hours`)
    : shows('nothing', `no account shows this from inside; the last session ends at ${end} at the latest`)
}

/** Denies what is out: the account's own policies do not bind its root user ("AWS account root user"). */
const sessionsStep = (seen: RootSeen): LookedStep => {
  const { finding, look, setting } = seen
  const { organization } = look
  const base = { id: 'root-sessions', look: sessionsLook(seen) } as const
  if (organization.is === 'management' || organization.is === 'none')
    return {
      ...base,
      sentence: 'Open a case with AWS Support: no policy binds this root user, and its sessions live up to 12 hours',
      where: 'at https://support.console.aws.amazon.com/, or the form for a root user who cannot sign in',
      commands: [],
    }
  const aws = elsewhere(setting)
  const create = aws(
    `organizations create-policy --type SERVICE_CONTROL_POLICY --name deny-root-${finding.accountId} --description 'Incident response' --content ${shellWord(denyingPolicy(finding.partition))} --query Policy.PolicySummary.Id --output text`,
  )
  return {
    ...base,
    sentence: `Deny the root user of account ${finding.accountId} by a service control policy; sessions of sts:AssumeRoot are spared, by which the clean-up is done`,
    where:
      organization.is === 'member'
        ? `in management account ${organization.managementAccountId}`
        : 'in the management account, if the account is a member of an organization; it does not bind the management account itself',
    commands: [aws(`organizations attach-policy --target-id ${finding.accountId} --policy-id "$(${create})"`)],
  }
}

const keysLook = ({ look: { summary, report } }: RootSeen): StepLook => {
  const { AccountAccessKeysPresent: count } = summary ?? {}
  if (count === undefined) return shows('nothing', `${NOT_READ}: whether the root user has access keys is not known`)
  if (count === 0) return shows('done', 'the root user has no access key (iam:GetAccountSummary)')
  const used = report?.row.access_key_1_last_used_date ?? ''
  return shows(
    'open',
    `the root user has an access key (iam:GetAccountSummary)${/^\d/.test(used) ? `, last used ${plainText(used)}` : ''}`,
  )
}

const keysStep = (seen: RootSeen): LookedStep => ({
  id: 'root-keys',
  sentence: 'Delete the access keys of the root user',
  where: closingPlace(seen),
  commands: closingCommands(seen, 'iam list-access-keys', 'iam delete-access-key --access-key-id KEY_ID'),
  look: keysLook(seen),
})

/** The newest call of the root user that changed one of its ways in since the theft. */
const newestChange = (seen: RootSeen, names: ReadonlySet<string>): CloudTrailRecord | undefined =>
  seen.look.calls.find(({ eventName, outcome, at }) => names.has(eventName) && outcome === 'ok' && !isBefore(at, theftAt(seen)))

const changeLook = (seen: RootSeen, what: string, record: CloudTrailRecord): StepLook => {
  const words = `${record.eventName} at ${record.at} from ${sourceText(record)}`
  return isOfAttacker(seen, record)
    ? shows('open', `the last change of ${what} is the attacker’s: ${words}`)
    : shows('done', `${words} (CloudTrail): see that it was you`)
}

const passwordLook = (seen: RootSeen): StepLook => {
  const { AccountPasswordPresent: present } = seen.look.summary ?? {}
  if (present === 0) return shows('done', 'the root user has no password (iam:GetAccountSummary)')
  const change = newestChange(seen, PASSWORD_CHANGES)
  if (change) return changeLook(seen, 'the password', change)
  return shows('nothing', `no change of it since ${wholeSecond(theftAt(seen))} is seen (${readWords(seen.look)})`)
}

const passwordStep = (seen: RootSeen): LookedStep => ({
  id: 'root-password',
  sentence: 'Change the password of the root user, or delete it where root access is managed centrally',
  where:
    seen.look.organization.is === 'member'
      ? closingPlace(seen)
      : 'as the root user, at https://console.aws.amazon.com/iam/home#/security_credentials',
  commands: seen.look.organization.is === 'member' ? closingCommands(seen, 'iam delete-login-profile') : [],
  look: passwordLook(seen),
})

const mfaLook = (seen: RootSeen): StepLook => {
  const { AccountMFAEnabled: enabled, AccountPasswordPresent: password, AccountAccessKeysPresent: keys } = seen.look.summary ?? {}
  if (password === 0 && keys === 0) return shows('done', 'the root user has neither a password nor a key that MFA would protect')
  const change = newestChange(seen, MFA_CHANGES)
  if (change && isOfAttacker(seen, change)) return changeLook(seen, 'the MFA devices', change)
  if (enabled === undefined) return shows('nothing', `${NOT_READ}: whether the root user has MFA is not known`)
  if (enabled === 0) return shows('open', 'the root user has no MFA device (iam:GetAccountSummary)')
  return change
    ? changeLook(seen, 'the MFA devices', change)
    : shows('nothing', 'an MFA device is registered, and AWS does not show whose; no new one since the theft')
}

const mfaStep = (seen: RootSeen): LookedStep => ({
  id: 'root-mfa',
  sentence: 'Deactivate the MFA devices of the root user, and register new ones where it keeps a password',
  where: closingPlace(seen),
  commands: closingCommands(seen, 'iam list-mfa-devices', 'iam deactivate-mfa-device --serial-number SERIAL'),
  look: mfaLook(seen),
})

const emailStep = (seen: RootSeen): LookedStep => ({
  id: 'root-email',
  sentence:
    'Change the password and the MFA of the e-mail account of the root user: whoever reads it can reset the password. See that its address and phone number are yours',
  where: 'at your e-mail provider',
  commands: [],
  look: shows('nothing', emailSays(seen)),
})

const emailSays = (seen: RootSeen): string => {
  const asked = seen.look.calls.find(
    ({ eventName, at }) => eventName === 'PasswordRecoveryRequested' && !isBefore(at, theftAt(seen)),
  )
  return asked
    ? `AWS does not see it; a reset of the password was asked for at ${asked.at} from ${sourceText(asked)}`
    : 'AWS does not see it'
}

/** What has to be done before the calls of the root user say anything, in its order: the deny first. */
export const rootSteps = (seen: RootSeen, declaredSource: Instant | undefined): readonly LookedStep[] => {
  const { issue } = seen
  if (!issue) return [sessionsStep(seen), ...closingSteps(seen), emailStep(seen)]
  return [
    assumedSession(seen),
    assumedSource(seen, issue, declaredSource),
    ...(mayHaveMadeAPassword(issue) ? [...closingSteps(seen), emailStep(seen)] : []),
  ]
}

/** The steps that one session of AssumeRoot is enough for: the first that is not done takes it. */
const closingSteps = (seen: RootSeen): readonly LookedStep[] => {
  const steps = [keysStep(seen), passwordStep(seen), mfaStep(seen)]
  const first = steps.find(({ look }) => look.shows !== 'done')
  if (seen.look.organization.is !== 'member' || !first) return steps
  return steps.map((step) => (step === first ? { ...step, commands: [deletingSession(seen), ...step.commands] } : step))
}

/** The last step: no call of the root user since everything else is done. `since` is when that was; absent while it is not. */
export const callsStep = (seen: RootSeen, since: Instant | undefined): LookedStep => ({
  id: 'root-calls',
  sentence: 'See that nobody calls as the root user any more',
  commands: [],
  look: callsLook(seen, since),
})

const callsLook = (seen: RootSeen, since: Instant | undefined): StepLook => {
  const { look } = seen
  const calls = look.calls.filter(succeeded)
  const [newest] = calls
  const last = newest
    ? `the last call of the root user is ${newest.eventName} at ${newest.at} from ${sourceText(newest)}`
    : 'no call of the root user is seen'
  if (since === undefined)
    return shows('open', `it says nothing until the other steps are done; ${last} (${readWords(seen.look)})`)
  const after = calls.filter(({ at }) => isBefore(since, at))
  if (after.some((record) => isOfAttacker(seen, record))) return shows('open', `THE ATTACKER STILL CALLS AS ROOT: ${last}`)
  if (after.length > 0) return shows('nothing', `${after.length} successful calls since ${wholeSecond(since)}: ${last}`)
  const unread = unreadSince(since, look)
  if (unread !== undefined) return shows('nothing', unread)
  const due = arrivedBy(since)
  return isBefore(look.at, due)
    ? shows('open', `no call since ${wholeSecond(since)} is seen; look again after ${due} (${readWords(seen.look)})`)
    : shows(
        'done',
        `no successful call of the root user after ${wholeSecond(since)} in CloudTrail, read at ${wholeSecond(look.at)}`,
      )
}
