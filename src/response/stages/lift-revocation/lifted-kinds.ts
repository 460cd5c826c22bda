import type { Effect } from '../../../incident/entry.ts'
import type { LiftedChange } from '../../../incident/facts/lift.ts'
import type { Incident, Intent } from '../../../incident/incident.ts'
import { responseChanges } from '../../../incident/response-changes.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import { anywhereProfile } from './anywhere-profile.ts'
import { inlinePolicyOfRole, inlinePolicyOfUser, trustPolicyOfRole } from './documents.ts'
import { publicFunctionPolicy } from './function-policy.ts'
import { publicFunctionUrl } from './function-url.ts'
import { guestAccess } from './identity-pool.ts'
import type { LiftedKind, LiftLook } from './lifted-kind.ts'
import { managedDenyOfRole } from './managed-deny.ts'
import { podAssociation } from './pod-association.ts'

/** Everything that is lifted. Another kind of change is one more entry. */
const LIFTED_KINDS: readonly LiftedKind[] = [
  ...[inlinePolicyOfRole, inlinePolicyOfUser, managedDenyOfRole, trustPolicyOfRole],
  ...[anywhereProfile, publicFunctionUrl, publicFunctionPolicy, podAssociation, guestAccess],
]

/** What stays as the response left it, and why. */
const STAYS: Readonly<Record<string, (effect: Effect) => Pick<LiftedChange, 'what' | 'why' | 'command'>>> = {
  'iam:UpdateAccessKey': ({ parameters = {} }) => ({
    what: `access key ${parameters.AccessKeyId} of user ${parameters.UserName} is inactive`,
    why: 'a key that leaked is never activated again: create a new one, and delete this one once nothing uses it',
  }),
  'iam:DeleteLoginProfile': ({ parameters = {} }) => ({
    what: `the console password of user ${parameters.UserName} is deleted`,
    why: 'nobody can bring it back: the user’s owner sets a new one, where the user is to sign in to the console',
  }),
  'ec2:ModifyInstanceMetadataOptions': ({ parameters = {} }) => ({
    what: `the metadata options of ${parameters.InstanceId}`,
    why: 'IMDSv2 and the hop limit of 1 stay required: they close the way by which credentials are stolen',
  }),
  'ec2:CreateSnapshots': () => ({ what: 'the snapshots', why: 'they are evidence: delete them once nobody needs them' }),
  'lambda:UpdateFunctionConfiguration': ({ resource, undoCommand }) => ({
    what: `the mark at the end of the description of ${resource}`,
    why: 'it changes nothing of how the function runs, and to put the old description back makes new environments once more',
    ...given({ command: undoCommand }),
  }),
  'lambda:PublishVersion': ({ resource }) => ({
    what: `the version of ${resource} that was published`,
    why: 'it serves calls: delete it once nothing points to it',
  }),
  'lambda:UpdateAlias': ({ resource, undoCommand }) => ({
    what: `the version that ${resource} points to`,
    why: 'it has the code and the settings of the version before; to point back would make new environments once more',
    ...given({ command: undoCommand }),
  }),
}

/** Changes that last no longer than the response: nothing stands of them. */
const PASSING: ReadonlySet<string> = new Set([
  ...['ec2:StopInstances', 'ec2:StartInstances', 'ecs:UpdateService', 'ssm:SendCommand', 'detective:StartInvestigation'],
])

/** Looks at every change of the response: what stands of it, and what lifts it. Reads only. */
export const lookAtChanges = async (incident: Incident, context: Context): Promise<readonly LiftLook[]> => {
  const looks: LiftLook[] = []
  for (const made of byThing(responseChanges(incident))) {
    const [{ effect }] = made
    const kind = kindOf(effect)
    if (kind) looks.push(await kind.look(made, incident, context))
    else if (!PASSING.has(effect.operation)) looks.push({ change: staying(effect), steps: [] })
  }
  return looks
}

const kindOf = ({ operation }: Effect): LiftedKind | undefined =>
  LIFTED_KINDS.find(({ operations }) => operations.includes(operation))

type OneOrMore<T> = readonly [T, ...T[]]

/** The changes of one thing together, in the order in which each was changed first. */
const byThing = (changes: readonly Intent[]): readonly OneOrMore<Intent>[] => {
  const things = new Map<string, OneOrMore<Intent>>()
  for (const intent of changes) {
    const { operation, resource, parameters = {} } = intent.effect
    const thing = [operation, resource, parameters.PolicyName ?? parameters.AccessKeyId]
    const key = kindOf(intent.effect)?.thingOf?.(intent.effect) ?? JSON.stringify(thing)
    things.set(key, [...(things.get(key) ?? []), intent] as unknown as OneOrMore<Intent>)
  }
  return [...things.values()]
}

const staying = (effect: Effect): LiftedChange => {
  const { operation, resource } = effect
  return { operation, resource, state: 'stays', ...(STAYS[operation]?.(effect) ?? unknownChange(effect)) }
}

const unknownChange = ({ sentence, undo, undoCommand }: Effect): Pick<LiftedChange, 'what' | 'why' | 'command'> => ({
  what: sentence,
  why: `ir-cred does not lift it${undo === undefined ? '' : `: ${undo}`}`,
  ...given({ command: undoCommand }),
})
