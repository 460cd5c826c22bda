import type {
  ContextEntry,
  EvaluationResult,
  PolicySourceType,
  SimulateCustomPolicyRequest,
  SimulatePolicyResponse,
  SimulatePrincipalPolicyRequest,
} from '@aws-sdk/client-iam'
import type { Account } from '../../account/account.ts'
import type { ContextValues } from '../../authorization/context.ts'
import { evaluate, type NamedPolicy } from '../../authorization/evaluate.ts'
import { groupsOfUser, inlineDocuments, managedPolicy } from '../../authorization/identity-policies.ts'
import { parsePolicy } from '../../authorization/policy.ts'
import { ServiceError } from '../../call.ts'
import { operation } from '../../service.ts'
import { iamPage, roleNamed, userNamed } from './found.ts'

/** A policy under the name that MatchedStatements call it by. */
interface Source extends NamedPolicy {
  readonly type: PolicySourceType
}

/** What both operations ask for. */
type Question = Omit<SimulateCustomPolicyRequest, 'PolicyInputList'>

const invalidInput = (message: string): ServiceError => new ServiceError('InvalidInput', message)

const source = (name: string, type: PolicySourceType, document: string, kind: NamedPolicy['kind'] = 'inline'): Source => {
  try {
    return { name, type, kind, document: parsePolicy(document) }
  } catch (error) {
    throw invalidInput(`${name}: ${error instanceof Error ? error.message : 'Syntax errors in policy.'}`)
  }
}

const given = (list: readonly string[] = [], name: string, kind: NamedPolicy['kind'] = 'inline'): Source[] =>
  list.map((document, index) => source(`${name}.${index + 1}`, 'none', document, kind))

/** The role or user an ARN names. A session's ARN is refused: it is no entity of IAM's. */
const entityOf = (account: Account, arn: string) => {
  const [, kind, name = ''] = /^arn:[\w-]+:iam::\d{12}:(role|user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? []
  if (kind === 'role') return { kind, name, holder: roleNamed(account, name) } as const
  if (kind === 'user') return { kind, name, holder: userNamed(account, name) } as const
  throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`)
}

type Named = 'role' | 'user' | 'group'
type Holding = Parameters<typeof inlineDocuments>[1]

const ownSources = (account: Account, kind: Named, name: string, holder: Holding): Source[] => {
  const inline = inlineDocuments(account, holder, 'stored').map(([policy, document]) =>
    source(`${kind}_${name}_${policy}`, kind, document),
  )
  const attached = holder.attachedPolicies.map((policyArn) => {
    const policy = managedPolicy(account, policyArn)
    return source(policy.name, policyArn.includes(':iam::aws:') ? 'aws-managed' : 'user-managed', policy.document, 'managed')
  })
  return [...inline, ...attached]
}

const sourcesOf = (account: Account, arn: string): Source[] => {
  const { kind, name, holder } = entityOf(account, arn)
  const own = ownSources(account, kind, name, holder)
  const inherited = (kind === 'user' ? groupsOfUser(account, holder) : []).flatMap((group) =>
    ownSources(account, 'group', group.name, group),
  )
  const boundary = holder.boundary === undefined ? [] : [managedPolicy(account, holder.boundary)]
  return [...own, ...inherited, ...boundary.map((policy) => source(policy.name, 'user-managed', policy.document, 'boundary'))]
}

const refuseUnfit = ({ ContextKeyName, ContextKeyType, ContextKeyValues = [] }: ContextEntry): void => {
  const isDate = ContextKeyType === 'date' || ContextKeyType === 'dateList'
  const unfit = isDate ? ContextKeyValues.find((value) => Number.isNaN(Date.parse(value))) : undefined
  if (unfit !== undefined) throw invalidInput(`Invalid context value ${unfit} for ${ContextKeyName} of type ${ContextKeyType}.`)
}

const contextOf = (entries: readonly ContextEntry[] = []): ContextValues => {
  for (const entry of entries) refuseUnfit(entry)
  return Object.fromEntries(entries.map(({ ContextKeyName = '', ContextKeyValues = [] }) => [ContextKeyName, ContextKeyValues]))
}

const boundaryDetail = (sources: readonly Source[], request: Parameters<typeof evaluate>[1]): Partial<EvaluationResult> => {
  const boundary = sources.filter(({ kind }) => kind === 'boundary').map((policy) => ({ ...policy, kind: 'inline' as const }))
  if (boundary.length === 0) return {}
  const AllowedByPermissionsBoundary = evaluate(boundary, request).decision === 'allowed'
  return { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary } }
}

const simulate = (sources: readonly Source[], action: string, resource: string, context: ContextValues): EvaluationResult => {
  const request = { action, resource, context }
  const { decision, matched, missingContextKeys } = evaluate(sources, request)
  const typeOf = (name: string): PolicySourceType => sources.find((policy) => policy.name === name)?.type ?? 'none'
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: decision,
    MatchedStatements: matched.map(({ policy }) => ({ SourcePolicyId: policy, SourcePolicyType: typeOf(policy) })),
    MissingContextValues: [...missingContextKeys],
    ...boundaryDetail(sources, request),
  }
}

const answer = (account: Account, sources: readonly Source[], input: Question): SimulatePolicyResponse => {
  const {
    ActionNames = [],
    ResourceArns = ['*'],
    ContextEntries,
    PermissionsBoundaryPolicyInputList,
    Marker,
    MaxItems,
    ...rest
  } = input
  const unfit = ActionNames.find((action) => !/^[\w-]+:[\w*]+$/.test(action))
  if (unfit !== undefined) throw invalidInput(`Invalid action name: ${unfit}`)
  const boundary = given(PermissionsBoundaryPolicyInputList, 'PermissionsBoundaryPolicyInputList', 'boundary')
  const context = contextOf(ContextEntries)
  const results = ActionNames.flatMap((action) =>
    ResourceArns.map((resource) => simulate([...sources, ...boundary], action, resource, context)),
  )
  const keyOf = ({ EvalActionName, EvalResourceName }: EvaluationResult): string => `${EvalActionName} ${EvalResourceName}`
  const question = { ...rest, ActionNames, ResourceArns, ContextEntries, Marker, MaxItems }
  const { items, end } = iamPage(account, results, keyOf, question)
  return { EvaluationResults: items, ...end }
}

/**
 * Simulates against the policies as stored: like the real simulator it knows nothing of propagation and of the request's
 * real context, only the entries given ("Testing IAM policies with the IAM policy simulator").
 */
const simulatePrincipalPolicy = operation<SimulatePrincipalPolicyRequest, SimulatePolicyResponse>({
  authorize: (_, { PolicySourceArn = '*' }) => [{ action: 'iam:SimulatePrincipalPolicy', resource: PolicySourceArn }],
  run: (account, { PolicySourceArn = '', PolicyInputList, ...input }) => {
    if (input.CallerArn !== undefined && !/:user\//.test(input.CallerArn)) {
      throw invalidInput(`Invalid Caller Arn: ${input.CallerArn} is not the ARN of a user.`)
    }
    const sources = [...sourcesOf(account, PolicySourceArn), ...given(PolicyInputList, 'PolicyInputList')]
    return answer(account, sources, input)
  },
  writes: false,
})

const simulateCustomPolicy = operation<SimulateCustomPolicyRequest, SimulatePolicyResponse>({
  run: (account, { PolicyInputList, ...input }) => answer(account, given(PolicyInputList, 'PolicyInputList'), input),
  writes: false,
})

export const simulationOperations = {
  SimulatePrincipalPolicy: simulatePrincipalPolicy,
  SimulateCustomPolicy: simulateCustomPolicy,
}
