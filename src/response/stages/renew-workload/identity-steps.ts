import { decodePolicy, type Statement, statementsOf, valuesOf } from '../../../aws/policy-document.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { RenewalByHand } from '../../../incident/facts/renewal-fact.ts'
import { renewalCommand } from '../../../incident/renewal.ts'
import { given } from '../../../incident/values/given.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { Context } from '../../stage.ts'
import type { Bearer, ServiceAccount } from './bearer.ts'
import type { WorkloadIncident } from './workload.ts'

/** What the steps depend on. */
export interface IdentityLook {
  readonly incident: WorkloadIncident
  readonly context: Context
  /** Where the session was issued: its cluster is there. */
  readonly region: string
  /** CloudTrail shows new credentials, so that nothing is left to do. */
  readonly isDone: boolean
}

const stateOf = ({ isDone }: IdentityLook, otherwise: RenewalByHand['state'] = 'to-do'): RenewalByHand['state'] =>
  isDone ? 'done' : otherwise

/** What of a cluster runs with a service account, one a line, as kubectl takes it. */
const using = ({ namespace, name }: ServiceAccount): string => {
  const path = `{range .items[?(@.spec.template.spec.serviceAccountName=="${name}")]}{.kind}/{.metadata.name}{"\\n"}{end}`
  return `kubectl --namespace ${namespace} get deployments,statefulsets,daemonsets --output jsonpath=${shellWord(path)}`
}

/** Lets kubectl reach the cluster, where its name is known, and runs the command. */
const inCluster = ({ cluster }: ServiceAccount, command: string, { context, region }: IdentityLook): string =>
  cluster === undefined
    ? command
    : `${awsCommandFor(context.setting)(`eks update-kubeconfig --name ${shellWord(cluster)}`, region)} && ${command}`

/**
 * How pods get new credentials by EKS Pod Identity: their association has to be there, and they are restarted. Whoever is in them gets new
 * ones too, so that they have to be clean before.
 */
export const podSteps = (bearer: Bearer | undefined, look: IdentityLook): readonly RenewalByHand[] => {
  const { incident, context, region } = look
  const { subject, access } = incident.facts
  const ways = access?.ways.filter(({ kind }) => kind === 'pod-identity') ?? []
  const isClosed = ways.length > 0 && ways.every(({ state }) => state === 'closed')
  const command = deletionUndo(incident)
  const back: RenewalByHand = {
    sentence: `the association that gives role ${subject.role.name} to ${bearer?.words ?? 'the pods'} is deleted. Once their image and their data are clean, create it again; \`ir-cred lift\` does so too, after its time${command ? ':' : '.'}`,
    ...given({ command }),
    state: stateOf(look),
  }
  const place = { aws: awsCommandFor(context.setting), roleArn: subject.role.arn, region }
  const account = bearer?.account
  const restart: RenewalByHand = {
    sentence: account
      ? `restart ${bearer.words}, so that they take new credentials:`
      : 'CloudTrail’s record names no service account. Restart the pods of each association that gives the role:',
    ...given({
      command: account
        ? inCluster(account, `${using(account)} | xargs -r kubectl --namespace ${account.namespace} rollout restart`, look)
        : renewalCommand({ kind: 'service', name: 'pods.eks.amazonaws.com', remedy: '' }, place),
    }),
    state: stateOf(look, isClosed ? 'later' : 'to-do'),
  }
  return isClosed ? [back, restart] : [restart]
}

const deletionUndo = ({ intents }: WorkloadIncident): string | undefined =>
  intents.findLast(({ effect, outcome }) => effect.operation === 'eks:DeletePodIdentityAssociation' && outcome !== 'refused')
    ?.effect.undoCommand

/**
 * How pods with a web identity get new credentials. A restarted pod has the same subject as the stolen token, and the trust policy cannot
 * tell them apart: it takes another service account, which the trust policy names.
 */
export const webIdentitySteps = (
  bearer: Bearer,
  trustPolicy: string | undefined,
  look: IdentityLook,
): readonly RenewalByHand[] => {
  const { account, subject = '' } = bearer
  if (!account)
    return [
      {
        sentence: `${bearer.words}: let the role’s trust policy name another subject for it, such as another branch, environment or client, and let it sign in again with that. The old subject stays refused until the stolen token has expired.`,
        state: stateOf(look),
      },
    ]
  const next = namedInstead(trustPolicy, bearer) ?? `${account.name}-2`
  const { namespace } = account
  const { role } = look.incident.facts.subject
  const kubectl = `kubectl --namespace ${namespace}`
  const isNamed = namedInstead(trustPolicy, bearer) !== undefined
  const changed = trustPolicy === undefined || isNamed ? undefined : trustNaming(trustPolicy, subject, subjectOf(namespace, next))
  const trust: RenewalByHand = {
    sentence: `let the role’s trust policy name ${subjectOf(namespace, next)} in place of ${subject}${changed ? ':' : '.'}`,
    ...given({
      command:
        changed &&
        awsCommandFor(look.context.setting)(
          `iam update-assume-role-policy --role-name ${shellWord(role.name)} --policy-document ${shellWord(changed)}`,
        ),
    }),
    state: stateOf(look, isNamed ? 'done' : 'to-do'),
  }
  return [
    {
      sentence: `in the cluster of issuer ${bearer.provider?.replace(/^.*oidc-provider\//, '') ?? 'unknown'}, create service account ${next} in namespace ${namespace}, with the role. The stolen token names ${account.name}, so that a restart alone helps nobody:`,
      command: `${kubectl} create serviceaccount ${next} && ${kubectl} annotate serviceaccount ${next} eks.amazonaws.com/role-arn=${role.arn}`,
      state: stateOf(look),
    },
    trust,
    {
      sentence: `let what runs with ${account.name} run with ${next}, which restarts it:`,
      command: `${using(account)} | xargs -r -I{} ${kubectl} set serviceaccount {} ${next}`,
      state: stateOf(look),
    },
  ]
}

const subjectOf = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`

const conditionValues = ({ Condition }: Statement): readonly string[] =>
  Object.values(Condition ?? {}).flatMap((keys) => Object.values(keys).flatMap((values) => valuesOf(values)))

/** Another service account of the namespace that the trust policy lets in by name. */
const namedInstead = (trustPolicy: string | undefined, { account }: Bearer): string | undefined => {
  if (trustPolicy === undefined || !account) return undefined
  const start = subjectOf(account.namespace, '')
  return statementsOf(decodePolicy(trustPolicy))
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(conditionValues)
    .filter((value) => value.startsWith(start) && /^[\w.-]+$/.test(value.slice(start.length)))
    .map((value) => value.slice(start.length))
    .find((name) => name !== account.name)
}

/** The trust policy with one subject for another where it lets in; what refuses the old one stays. Undefined where it does not name it. */
const trustNaming = (trustPolicy: string, before: string, after: string): string | undefined => {
  const policy = decodePolicy(trustPolicy)
  if (!policy) return undefined
  const Statement = statementsOf(policy).map((one) =>
    one.Effect === 'Allow' ? { ...one, ...given({ Condition: one.Condition && renamed(one.Condition, before, after) }) } : one,
  )
  const changed = JSON.stringify({ ...policy, Statement })
  return changed === JSON.stringify({ ...policy, Statement: statementsOf(policy) }) ? undefined : changed
}

const renamed = (condition: NonNullable<Statement['Condition']>, before: string, after: string) => {
  const instead = (value: string): string => (value === before ? after : value)
  return Object.fromEntries(
    Object.entries(condition).map(([operator, keys]) => [
      operator,
      Object.fromEntries(
        Object.entries(keys).map(([key, values]) => [
          key,
          typeof values === 'string' ? instead(values) : valuesOf(values).map(instead),
        ]),
      ),
    ]),
  )
}
