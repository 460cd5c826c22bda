import type { FailedCommand, Rotation } from '../../incident/facts/facts.ts'
import { holdsFacts } from '../../incident/incident.ts'
import { type Block, fields, list, type Span, text, warning } from '../../incident/values/block.ts'
import { given } from '../../incident/values/given.ts'
import { isBefore } from '../../incident/values/instant.ts'
import { type Assessment, type Context, defineStage, established, notApplicable } from '../stage.ts'
import { isOnInstance, whyNoInstance } from './on-instance.ts'
import { agentPing } from './verify-rotation/agent.ts'
import { type Asked, askedSoFar, sendEffect, sendScript, type VerifyIncident } from './verify-rotation/command.ts'
import { otherSources } from './verify-rotation/corroboration.ts'
import { chooseDocument, documentBlocks } from './verify-rotation/document.ts'
import { identityRotation } from './verify-rotation/identity-issue.ts'
import { issueOrPing, provenByIssue } from './verify-rotation/issue-record.ts'
import { newIssues, type RenewedIncident } from './verify-rotation/new-issues.ts'
import { judgeRotation } from './verify-rotation/verdict.ts'

/**
 * Verifies that the workload has new credentials: an instance by the instance's answer over SSM, and by a source that is not the instance.
 * A different key id alone proves nothing (IMDSv1 and IMDSv2 deliver different sets), and neither does LastUpdated. Where the instance
 * cannot be asked, CloudTrail's record of a new issue to it is the proof; the other stages do not wait for it.
 * Of functions and services such records are the only proof.
 */
export const verifyRotation = defineStage({
  id: 'verify-rotation',
  phase: 'contain',
  title: 'Verify the rotation',
  needs: ['subject', 'blastRadius', 'revocation'],
  needsOneOf: ['restart', 'renewal'],
  establishes: 'rotation',

  async assess(incident, context) {
    if (holdsFacts(incident, RENEWED) && incident.facts.restart === undefined) return ofWorkloads(incident, context)
    if (!isOnInstance(incident) || !holdsFacts(incident, RESTARTED)) return notApplicable(whyNoInstance(incident) ?? '')
    if (incident.assumed.includes('restart')) return toSend(incident, context)
    const asked = await askedSoFar(incident, context)
    if (asked.as === 'answered') {
      const { answer, commandId } = asked
      const sources = await otherSources(incident, answer, context)
      return established<Rotation>({ ...judgeRotation({ incident, answer, ...sources, now: context.now() }), commandId })
    }
    return context.lastLook ? lastLook(incident, asked, context) : firstLook(incident, asked, context)
  },

  act: async (incident, context) => {
    if (isOnInstance(incident) && holdsFacts(incident, RESTARTED)) await sendScript(incident, context)
  },

  isOpen: ({ verdict, unasked }) => verdict === 'rotated-unproven' || (verdict === 'unverifiable' && unasked === true),

  describe: (rotation) => rotationBlocks(rotation),
})

const RENEWED = ['subject', 'revocation', 'renewal'] as const
const RESTARTED = ['subject', 'blastRadius', 'revocation', 'restart'] as const

/** Of functions and services: nothing is sent, and nothing that runs there is asked. */
const ofWorkloads = async (incident: RenewedIncident, context: Context): Promise<Assessment<Rotation>> => {
  const { workloads, byHand } = incident.facts.renewal
  if (incident.assumed.includes('renewal')) return notApplicable('it is decided after the renewal')
  if (incident.facts.renewal.of === 'identities') return identityRotation(incident)
  if (workloads.length === 0 && byHand.every(({ state }) => state === 'done'))
    return notApplicable('AWS shows nothing that runs under the role: there are no new credentials to verify')
  return established(await newIssues(incident, context))
}

type Unanswered = Exclude<Asked, { as: 'answered' }>

/** Asks the instance where that can help, and waits only for its agent: what CloudTrail will show is looked at after the other stages. */
const firstLook = async (incident: VerifyIncident, asked: Unanswered, context: Context): Promise<Assessment<Rotation>> => {
  if (asked.as === 'not-asked') {
    const ping = await agentPing(incident, context)
    if (ping !== 'silent') return toSend(incident, context)
    return established(await unasked(incident, silence(incident), context))
  }
  const fact = await withoutAnswer(incident, asked, context)
  if (asked.as === 'impossible') return established(fact)
  const needed = await toSend(incident, context)
  const { acknowledgement } = needed
  if (asked.as !== 'failed') return { ...needed, otherwise: fact }
  const failed = [warning(`The last command brought no answer: ${asked.why}.`), ...failedBlocks(asked.failed)]
  return { ...needed, otherwise: fact, sentIsSeen: true, acknowledgement: [...failed, ...acknowledgement] }
}

/** Waits for CloudTrail's record; and asks the instance after all, where it was not asked and its agent is back. */
const lastLook = async (incident: VerifyIncident, asked: Unanswered, context: Context): Promise<Assessment<Rotation>> => {
  const seen = await issueOrPing(incident, context, asked.as === 'not-asked')
  if (seen === 'ping') return toSend(incident, context)
  const why = asked.as === 'not-asked' ? silence(incident) : asked.why
  return established(rotationOf(incident, seen, why, asked.as === 'failed' ? asked.failed : undefined))
}

const silence = ({ facts: { subject } }: VerifyIncident): string =>
  `the SSM agent of ${subject.instanceId} has not called since the start`

const unasked = async (incident: VerifyIncident, why: string, context: Context, failed?: FailedCommand): Promise<Rotation> =>
  rotationOf(incident, await provenByIssue(incident, context), why, failed)

/** An instance that was asked and says that it has no credentials to show is not one that could not be asked: CloudTrail proves nothing then. */
const withoutAnswer = async (
  incident: VerifyIncident,
  asked: Exclude<Unanswered, { as: 'not-asked' }>,
  context: Context,
): Promise<Rotation> => {
  if (asked.as !== 'failed') return unasked(incident, asked.why, context)
  const { why, failed, byScript } = asked
  const { accessKeyId } = incident.facts.subject
  return byScript
    ? { verdict: 'unverifiable', why, failed, oldAccessKeyId: accessKeyId, corroboration: [] }
    : unasked(incident, why, context, failed)
}

type IssueSeen = Awaited<ReturnType<typeof provenByIssue>>

/** The fact where the instance could not be asked, from what CloudTrail shows of its credentials. */
const rotationOf = (
  { facts: { subject, restart, revocation } }: VerifyIncident,
  { issue, says }: IssueSeen,
  why: string,
  failed?: FailedCommand,
): Rotation => ({
  ...{ oldAccessKeyId: subject.accessKeyId, unasked: true, ...given({ failed }) },
  // Whatever was issued to it since: without a start after the cut-off it may still hold what the deny refuses.
  ...(!isBefore(revocation.cutoff, restart.launchTime)
    ? { verdict: 'not-rotated', why: 'the instance was started before the cut-off', corroboration: [] }
    : issue
      ? {
          verdict: 'rotated',
          why: `proven by the issue record; the instance itself could not be asked: ${why}`,
          newAccessKeyId: issue.accessKeyId,
          corroboration: [{ kind: 'cloudtrail', at: issue.at, says }],
        }
      : { verdict: 'unverifiable', why: `${why}, and ${says}`, corroboration: [] }),
})

const toSend = async (incident: VerifyIncident, context: Context) => {
  const { subject, blastRadius } = incident.facts
  const document = await chooseDocument(subject.region, context)
  return {
    status: 'needed' as const,
    effects: [sendEffect(incident, document)],
    expected: {
      verdict: 'unverifiable' as const,
      why: 'decided after the command',
      oldAccessKeyId: subject.accessKeyId,
      corroboration: [],
    },
    acknowledgement: documentBlocks(document, blastRadius.instance.platform),
  }
}

const VERDICTS: Readonly<Record<Rotation['verdict'], string>> = {
  rotated: 'ROTATED',
  renewed: 'RENEWED',
  'rotated-unproven': 'ROTATED, UNPROVEN',
  contradicted: 'CONTRADICTED',
  'not-rotated': 'NOT ROTATED',
  unverifiable: 'UNVERIFIABLE',
}

const rotationBlocks = (rotation: Rotation): readonly Block[] => [
  text(`${VERDICTS[rotation.verdict]}: ${rotation.why}`),
  fields(
    ['old key', rotation.oldAccessKeyId],
    ['new key', newKey(rotation)],
    rotation.lastUpdated ? ['last updated', [{ at: rotation.lastUpdated }, ' (not the time of the issue)']] : undefined,
    rotation.expiration ? ['expires', [{ at: rotation.expiration }]] : undefined,
  ),
  ...(rotation.corroboration.length > 0
    ? [list(rotation.corroboration.map(({ kind, says }) => `${SOURCES[kind]}: ${says}`))]
    : []),
  ...(rotation.failed ? failedBlocks(rotation.failed) : []),
  ...advice(rotation),
]

const newKey = ({ newAccessKeyId, unasked }: Rotation): string => {
  if (newAccessKeyId === undefined) return 'not known'
  return `${newAccessKeyId} (${unasked ? 'according to CloudTrail’s record of its issue' : 'reported by the instance'})`
}

const failedBlocks = ({ status, exitCode, errorLine }: FailedCommand): readonly Block[] => {
  const line: readonly Span[] = [
    `ended as ${status}`,
    ...(exitCode === undefined ? [] : [`, exit code ${exitCode}`]),
    ...(errorLine ? ['; the first line of its error output: ', errorLine] : []),
  ]
  return [fields(['command', line])]
}

const BY_HAND =
  'By hand: on the instance, read iam/security-credentials over IMDSv2 and compare the key id; never print the secret. An agent can take up to half an hour, and CloudTrail 15 minutes: continue later.'

const OF_WORKLOADS = 'CloudTrail takes up to 15 minutes to show an issue. Continue later, and ir-cred looks again.'

const advice = ({ verdict, unasked, of }: Rotation): readonly Block[] => {
  if (of === 'workloads') return verdict === 'rotated' ? [] : [text(OF_WORKLOADS)]
  if (verdict === 'contradicted')
    return [warning('Treat the instance as the attacker’s: isolate it, keep it for forensics, and rebuild it.')]
  if (verdict === 'not-rotated')
    return [warning('The instance still has old credentials. Stop and start it again; do not reboot it.')]
  return verdict === 'unverifiable' && unasked ? [text(BY_HAND)] : []
}

const SOURCES = { cloudtrail: 'CloudTrail', agent: 'SSM agent' } as const
