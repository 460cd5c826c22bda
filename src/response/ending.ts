import { byHandAlarms } from '../incident/facts/by-hand.ts'
import type { Closure } from '../incident/facts/closure.ts'
import { deletedSnapshotAlarm, hasSeveralHolders, sparesOthers } from '../incident/facts/facts.ts'
import { isOfTheInstance, openSourceAlarm, openSources, principalWords } from '../incident/facts/issue.ts'
import { leavesWayBack, NO_WAY_BACK_UNPROVEN } from '../incident/facts/persistence.ts'
import { recipientOf } from '../incident/facts/recipient.ts'
import { holderWords, type Subject } from '../incident/facts/subject.ts'
import type { Incident } from '../incident/incident.ts'
import { rechecksOf } from './rechecks.ts'
import type { Stage } from './stage.ts'

/** What a run that came to its end could not confirm: with one sentence or more the exit code is not 0. */
export const unconfirmed = (incident: Incident, stages: readonly Stage[]): readonly string[] => {
  const { facts } = incident
  const reasons: string[] = []
  for (const stage of stages) {
    if (facts[stage.establishes] === undefined && incident.decided[stage.id] === undefined)
      reasons.push(`${stage.id} is neither established nor decided`)
    reasons.push(...fallen(incident, stage))
  }
  reasons.push(...otherActors(incident))
  // Of a user's keys each is a way in of its own, and of several roles the deny is on one.
  const { unsettled, report } = facts.finding ?? {}
  if (unsettled !== undefined && report && (report.by === 'user' || hasSeveralHolders(report))) reasons.push(unsettled)
  if (facts.byHand) return [...reasons, ...byHandAlarms(facts.byHand)]
  if (!facts.revocation) reasons.push('the revocation is not established: older sessions of the role may still work')
  reasons.push(...originAlarms(incident))
  if (!facts.rotation) {
    if (facts.subject?.instanceId === undefined && facts.subject)
      reasons.push(...unknownRecipient(facts.subject), ...unrenewed(incident))
    else if (needsRotation(incident))
      reasons.push('the rotation is not established: the instance’s credentials were not verified after a restart')
  } else if (facts.rotation.verdict !== 'rotated' && facts.rotation.verdict !== 'renewed')
    reasons.push(`the verdict on the rotation is ${facts.rotation.verdict}: ${facts.rotation.why}`)
  reasons.push(...stepsLeft(incident))
  reasons.push(...(facts.evidence?.deleted ?? []).map(deletedSnapshotAlarm))
  return [...reasons, ...(facts.closure?.alarms ?? [])]
}

/** Whoever obtained a session may obtain the next one, and nothing shows who that is. */
const unknownRecipient = (subject: Subject): readonly string[] => {
  const { accessKeyId } = subject
  const may = `CloudTrail does not show who ${accessKeyId} was issued to (yet): whoever obtained it may obtain new sessions of ${holderWords(subject)}, which the revocation does not deny`
  switch (subject.kind) {
    case 'role-session':
      return recipientOf(subject).kind === 'unknown'
        ? [`${may}; look at who may assume the role: aws iam get-role --role-name ${subject.role.name}`]
        : []
    case 'user-session':
      return subject.issue === undefined || subject.issue.to === 'unknown'
        ? [
            `${may}; look at the user’s keys, and deactivate the one that did: aws iam list-access-keys --user-name ${subject.user.name}; if it is a session of the console, take the password away: aws iam delete-login-profile --user-name ${subject.user.name}`,
          ]
        : []
    default:
      return []
  }
}

/** Functions and services that the deny cut off, and that were not renewed or not looked at afterwards. */
const unrenewed = ({ facts: { subject, renewal }, decided }: Incident): readonly string[] => {
  if (subject?.kind !== 'role-session' || !['lambda', 'ecs'].includes(recipientOf(subject).kind)) return []
  const { [RENEW]: renewing, [VERIFY]: verifying } = decided
  if (renewal)
    return verifying?.how === 'skipped'
      ? [`the new credentials of what runs under ${holderWords(subject)} were not verified`]
      : []
  return renewing
    ? [`what runs under ${holderWords(subject)} is not renewed, and its credentials are denied: ${renewing.why}`]
    : []
}

/** What is still to be done by hand in the group of a member that was restarted meanwhile. */
const stepsLeft = ({ facts: { renewal, rotation } }: Incident): readonly string[] => {
  const left = (renewal?.byHand ?? []).filter(({ state }) => state !== 'done').length
  if (renewal?.of !== 'members' || left === 0 || rotation?.of === 'workloads') return []
  return [
    `${left} steps in Auto Scaling group ${renewal.group?.name.replace(/[^\w.-]/g, '?') ?? 'of another name'} are still to do by hand`,
  ]
}

/** The other actors of an attack sequence: each is an incident of its own, and a way in until it is responded to. */
const otherActors = ({ facts: { finding: found } }: Incident): readonly string[] =>
  (found?.finding.otherActors ?? []).map(({ accessKeyId, userName }) => {
    const who = `${accessKeyId ?? 'credentials without a key'} of ${userName ?? 'an unknown name'}`
    const from = found?.source === 'file' ? '<the same file>' : found?.finding.id
    const command =
      accessKeyId === undefined ? 'name its key, role or user' : `\`ir-cred respond ${from} --access-key-id ${accessKeyId}\``
    return `the attack sequence has another actor, ${who}: respond to it in an incident of its own, ${command}`
  })

/** Whether the instance's credentials have to be renewed and verified: not where the key is not the instance's, nor where it is isolated instead. */
const needsRotation = ({ facts: { subject }, decided }: Incident): boolean => {
  if (!subject) return true
  if (subject.caller.origin === 'instance' && decided[RESTART]?.how === 'notApplicable') return false
  return isOfTheInstance(subject) || subject.issue?.to === 'unknown'
}

const RESTART = 'restart-instance'
const RENEW = 'renew-workload'
const VERIFY = 'verify-rotation'

/** What the origin of the session and of the calls leaves open: who can obtain more sessions, and an attacker on the instance. */
const originAlarms = ({ facts: { subject, access }, decided }: Incident): readonly string[] => {
  if (!subject) return []
  const restart = decided[RESTART]
  const onTheHost = 'the calls came from the instance itself: the attacker on it gets the new credentials too; isolate it'
  return [
    ...openSources(subject, access).map((source) => openSourceAlarm(source, holderWords(subject))),
    ...(subject.caller.origin === 'instance' && isOfTheInstance(subject)
      ? [restart?.how === 'notApplicable' ? restart.why : onTheHost]
      : []),
  ]
}

const fallen = (incident: Incident, stage: Stage): readonly string[] => {
  if (!stage.recheck || incident.facts[stage.establishes] === undefined) return []
  const rechecks = rechecksOf(incident, stage)
  const last = rechecks.at(-1)
  if (last && !last.stands) return [last.says]
  // Every one of its list, and the last one before the report: for the revocation that is three.
  const wanted = stage.recheck.after.length + 1
  return rechecks.length < wanted ? [`${stage.id} was re-checked ${rechecks.length} times, not ${wanted}`] : []
}

/** Instances, functions and services are verified: of anything else CloudTrail shows at most that somebody has new credentials. */
const unverified = (subject: Subject, { sessionsSince }: Pick<Closure, 'sessionsSince'>): string => {
  const what = `whether what uses ${holderWords(subject)} has new credentials`
  const newest = sessionsSince?.newest[0]
  if (!sessionsSince || !newest)
    return `${what}: ir-cred verifies those of instances, functions and services that AWS shows, and what a later run finds issued to pods and web identities`
  const { count } = sessionsSince
  return (
    `${what}: CloudTrail shows ${count} ${count === 1 ? 'session' : 'sessions'} issued since the cut-off, the last at ${newest.at} ` +
    `(${newest.operation} of ${principalWords(newest.by)}), and neither whose ${count === 1 ? 'it is' : 'they are'} nor who has none yet`
  )
}

/** The deny on one session says nothing of the others. */
const othersLive = (subject: Subject): string =>
  `that no other session of ${holderWords(subject)} is the attacker’s: --revoke session denies one, and those of another name live on`

const noNewIssue = (workload: string): string =>
  `whether ${workload} has new credentials: CloudTrail shows no new issue to it yet`

/** What is likely but cannot be shown yet. It is listed, and does not change the exit code. */
export const unproven = (incident: Incident): readonly string[] => {
  const { rotation, closure, persistence, subject, revocation } = incident.facts
  return [
    ...(rotation?.verdict === 'renewed'
      ? ['CloudTrail does not show yet when the reported key was issued; the SSM agent shows only that the credentials are new']
      : []),
    ...(revocation && subject?.instanceId === undefined && subject && !rotation ? [unverified(subject, closure ?? {})] : []),
    ...(revocation && subject && sparesOthers(revocation) ? [othersLive(subject)] : []),
    ...(rotation?.verdict === 'rotated' ? (rotation.unproven ?? []).map(noNewIssue) : []),
    ...(persistence && leavesWayBack(persistence) ? [NO_WAY_BACK_UNPROVEN] : []),
    ...(subject?.issue?.sourcesEnd === undefined ? [] : [`who is behind the session: ${subject.issue.sourcesEnd}`]),
    ...(closure?.unproven ?? []),
  ]
}
