import type { DeniedKey } from '../../incident/facts/facts.ts'
import { holderOf, type InstanceRoleSession, namesInstance, type Subject } from '../../incident/facts/subject.ts'
import { type Incident, liftedAt } from '../../incident/incident.ts'
import { POLICY_NAME } from '../../incident/revocation-document.ts'
import { type Block, fields, type Line, list, text, warning } from '../../incident/values/block.ts'
import { instantOf } from '../../incident/values/instant.ts'
import type { Context } from '../stage.ts'
import { describeInstance } from './identify-subject/resources.ts'
import type { Unread } from './optional-read.ts'
import { deniedUserId } from './revoke-sessions/form.ts'
import { readDeny } from './revoke-sessions/managed.ts'
import { keyOrUnread } from './revoke-sessions/user-key.ts'

/**
 * What a resumed run shows before it goes on: the state of the role and the instance now, and the changes that were intended and
 * whose outcome is unknown. Reads only; no fact follows from it.
 */
export const currentStateBlocks = async (incident: Incident, context: Context): Promise<readonly Block[]> => {
  const subject = incident.facts.subject ?? incident.earlier.subject
  if (!subject) return [text('The subject is not identified yet, and nothing was changed.')]
  const unread: Unread = []
  const userId = deniedUserId(incident, subject)
  const [{ cutoff, document, allBefore }, key] = await Promise.all([
    readDeny(incident, subject, context),
    keyOrUnread(subject, context, unread),
  ])
  return [
    ...liftNotes(incident),
    text('The current state:'),
    fields(
      subject.kind === 'user-key' ? ['access key', keyLine(subject, key, unread)] : undefined,
      [
        holderOf(subject).of,
        cutoff
          ? [
              `${POLICY_NAME} denies ${userId === undefined || allBefore === cutoff ? 'sessions' : `session ${userId}`} issued before `,
              { at: cutoff },
            ]
          : noRevocation(document),
      ],
      namesInstance(subject) ? ['instance', await instanceLine(subject, context)] : undefined,
    ),
    ...openIntents(incident),
  ]
}

/** A response that goes on after a lift denies anew. */
const liftNotes = (incident: Incident): readonly Block[] => {
  const at = liftedAt(incident)
  return at
    ? [
        warning(
          'What the response changed was lifted at ',
          { at },
          '. To go on denies older sessions once more, with a new cut-off.',
        ),
      ]
    : []
}

const instanceLine = async ({ instanceId, region }: InstanceRoleSession, context: Context): Promise<Line> => {
  const instance = await describeInstance(context, region, instanceId)
  if (!instance) return `EC2 has no ${instanceId} any more`
  const launched = instance.LaunchTime && instantOf(instance.LaunchTime)
  return [`${instanceId} is ${instance.State?.Name ?? 'unknown'}`, ...(launched ? [', launched ', { at: launched }] : [])]
}

const keyLine = ({ accessKeyId }: Subject, key: DeniedKey | undefined, [unread]: Unread): string =>
  key ? `${accessKeyId} is ${key.state}` : (unread ?? `${accessKeyId} IS ACTIVE`)

const noRevocation = (document: string | undefined): string =>
  document === undefined
    ? `there is no ${POLICY_NAME}: older sessions are not denied`
    : `${POLICY_NAME} exists and denies no session by its issue time`

const openIntents = ({ intents }: Incident): readonly Block[] => {
  const open = intents.filter(({ outcome }) => outcome === undefined || outcome === 'unknown')
  if (open.length === 0) return []
  return [
    warning('Intended, with an unknown outcome until it is read back:'),
    list(open.map(({ effect, at }) => [`${effect.operation} on ${effect.resource}, `, { at }])),
  ]
}
