import type { Activity, PrincipalIdentity } from '../../incident/facts/activity.ts'
import { type Block, fields, type Line, list, type Span, text } from '../../incident/values/block.ts'
import { roleSessionOf } from '../../incident/values/identifiers.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import { gravestFacts } from './gravest-facts.ts'
import { quantity } from './listing.ts'

/** A finding that the investigation began with. */
export interface NamedFinding {
  readonly id: string
  readonly type: string
}

/** So many facts stand at the top. */
const FEW = 5

/** The first lines: what was read, whose credentials they are, the finding, the period, and the gravest facts. */
export const headBlocks = (activity: Activity, finding?: NamedFinding): readonly Block[] => {
  const { principal, source, eventsRead, events, incomplete } = activity
  const title = text(
    `Activity of ${principal.kind.replaceAll('-', ' ')} ${principal.value}, from ${source} (${quantity(eventsRead, 'event')} read)`,
  )
  const whatFinding = finding ? (['finding', `${finding.type}, ${finding.id}`] as const) : undefined
  if (events === 0)
    return [
      title,
      ...(whatFinding ? [fields(whatFinding)] : []),
      text(incomplete.length > 0 ? 'What could be read contains no call of it.' : 'There is no call of it in this source.'),
    ]
  const facts = gravestFacts(activity, FEW)
  return [
    title,
    fields(['whose', whoseOf(activity.identity)], whatFinding, ['period', periodOf(activity)]),
    ...(facts.length > 0 ? [text('The gravest facts:'), list(facts)] : []),
  ]
}

const whoseOf = (identity: PrincipalIdentity): Line => {
  const { roleArn, roleName, principalId, userName, instanceId, accountId, isRoot, others = 0 } = identity
  const sessionName = roleSessionOf(principalId)?.sessionName
  const role = roleName ?? roleArn
  const who: readonly (readonly Span[])[] = [
    ...(isRoot ? [['the root user']] : []),
    ...(role === undefined ? [] : [['role ', untrusted(role)]]),
    ...(role !== undefined && sessionName !== undefined && sessionName !== instanceId
      ? [['session ', untrusted(sessionName)]]
      : []),
    ...(instanceId === undefined ? [] : [['session of instance ', untrusted(instanceId)]]),
    ...(userName === undefined ? [] : [['user ', untrusted(userName)]]),
    ...(role === undefined && userName === undefined && !isRoot && principalId !== undefined
      ? [['principal ', untrusted(principalId)]]
      : []),
    ...(accountId === undefined ? [] : [['account ', untrusted(accountId)]]),
  ]
  if (who.length === 0) return 'the records do not say'
  const spans = who.flatMap((each, index) => [...(index > 0 ? [', '] : []), ...each])
  return others === 0 ? spans : ['mostly ', ...spans, `; ${others} more caller${others === 1 ? '' : 's'}`]
}

const periodOf = ({ firstSeen, lastSeen, events, succeeded, failed }: Activity): Line => {
  const calls = `${quantity(events, 'call')}, ${succeeded.toLocaleString('en-US')} succeeded, ${failed.toLocaleString('en-US')} failed`
  return firstSeen && lastSeen ? [{ at: firstSeen }, ' to ', { at: lastSeen }, `: ${calls}`] : calls
}
