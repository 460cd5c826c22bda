import type { Effect } from '../../../incident/entry.ts'
import type { LiftedChange } from '../../../incident/facts/lift.ts'
import type { Incident, Intent } from '../../../incident/incident.ts'
import { responseChanges } from '../../../incident/response-changes.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import { inlinePolicyOfRole, inlinePolicyOfUser, trustPolicyOfRole } from './documents.ts'
import type { LiftedKind, LiftLook } from './lifted-kind.ts'

/** Everything that is lifted. Another kind of change is one more entry. */
const LIFTED_KINDS: readonly LiftedKind[] = [inlinePolicyOfRole, inlinePolicyOfUser, trustPolicyOfRole]

/** What stays as the response left it, and why. */
const STAYS: Readonly<Record<string, { readonly what: string; readonly why: string }>> = {
  'iam:UpdateAccessKey': {
    what: 'the leaked access key is inactive',
    why: 'a key that leaked is never activated again: create a new one, and delete this one once nothing uses it',
  },
  'ec2:ModifyInstanceMetadataOptions': {
    what: 'the instance metadata options',
    why: 'IMDSv2 stays required: it closes the way by which credentials are stolen',
  },
  'ec2:CreateSnapshots': { what: 'the snapshots', why: 'they are evidence: delete them once nobody needs them' },
}

/** Changes that last no longer than the response: nothing stands of them. */
const PASSING: ReadonlySet<string> = new Set([
  ...['ec2:StopInstances', 'ec2:StartInstances', 'ssm:SendCommand', 'detective:StartInvestigation'],
])

/** Looks at every change of the response: what stands of it, and what lifts it. Reads only. */
export const lookAtChanges = async (incident: Incident, context: Context): Promise<readonly LiftLook[]> => {
  const looks: LiftLook[] = []
  for (const made of byThing(responseChanges(incident))) {
    const [{ effect }] = made
    const kind = LIFTED_KINDS.find(({ operations }) => operations.includes(effect.operation))
    if (kind) looks.push(await kind.look(made, incident, context))
    else if (!PASSING.has(effect.operation)) looks.push({ change: staying(effect), steps: [] })
  }
  return looks
}

type OneOrMore<T> = readonly [T, ...T[]]

/** The changes of one thing together, in the order in which each was changed first. */
const byThing = (changes: readonly Intent[]): readonly OneOrMore<Intent>[] => {
  const things = new Map<string, OneOrMore<Intent>>()
  for (const intent of changes) {
    const { operation, resource, parameters = {} } = intent.effect
    const key = JSON.stringify([operation, resource, parameters.PolicyName ?? parameters.AccessKeyId])
    things.set(key, [...(things.get(key) ?? []), intent] as unknown as OneOrMore<Intent>)
  }
  return [...things.values()]
}

const staying = ({ operation, resource, sentence, undo, undoCommand }: Effect): LiftedChange => {
  const known = STAYS[operation]
  return {
    ...{ operation, resource, state: 'stays' },
    ...(known ?? { what: sentence, why: `ir-cred does not lift it${undo === undefined ? '' : `: ${undo}`}` }),
    ...given({ command: known ? undefined : undoCommand }),
  }
}
