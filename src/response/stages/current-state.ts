import type { Incident } from '../../incident/incident.ts'
import { type Block, fields, list, text, warning } from '../../incident/values/block.ts'
import { instantOf } from '../../incident/values/instant.ts'
import type { Context } from '../stage.ts'
import { describeInstance } from './identify-subject/resources.ts'
import { POLICY_NAME } from './revoke-sessions/policy.ts'
import { readRevocation } from './revoke-sessions/read-back.ts'

/**
 * What a resumed run says before it goes on: how the role and the instance stand now, whoever left them so, and which
 * changes were intended without anybody knowing what became of them. Reads only; nothing is concluded from it.
 */
export const describeReality = async (incident: Incident, context: Context): Promise<readonly Block[]> => {
  const { subject } = incident.facts
  if (!subject) return [text('Nothing has been identified yet, and nothing was changed.')]
  const { cutoff, document } = await readRevocation(subject, context)
  const instance = await describeInstance(context, subject.region, subject.instanceId)
  const launched = instance?.LaunchTime && instantOf(instance.LaunchTime)
  return [
    text('How things stand now:'),
    fields(
      ['role', cutoff ? [`${POLICY_NAME} denies sessions issued before `, { at: cutoff }] : noRevocation(document)],
      [
        'instance',
        instance
          ? [
              `${subject.instanceId} is ${instance.State?.Name ?? 'unknown'}`,
              ...(launched ? [', launched ', { at: launched }] : []),
            ]
          : `${subject.instanceId} is not there any more`,
      ],
    ),
    ...openIntents(incident),
  ]
}

const noRevocation = (document: string | undefined): string =>
  document === undefined
    ? `${POLICY_NAME} is not there: older sessions are not denied`
    : `${POLICY_NAME} is there and denies no session by its issue time`

const openIntents = ({ intents }: Incident): readonly Block[] => {
  const open = intents.filter(({ outcome }) => outcome === undefined || outcome === 'unknown')
  if (open.length === 0) return []
  return [
    warning('Intended, and nobody knows what became of it until it is read back:'),
    list(open.map(({ effect, at }) => [`${effect.operation} on ${effect.resource}, `, { at }])),
  ]
}
