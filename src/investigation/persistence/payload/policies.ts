import type { Gravity } from '../../../incident/facts/gravity.ts'
import type { StatementRead, TrustedPrincipal, TrustRead } from '../../../incident/facts/role-profile.ts'
import type { Span } from '../../../incident/values/block.ts'
import { given } from '../../../incident/values/given.ts'
import { rawText, type Untrusted, untrusted } from '../../../incident/values/untrusted.ts'
import { readStatements } from '../../enrichment/read-statements.ts'
import { readTrust } from '../../enrichment/read-trust.ts'
import { risksIn } from '../../enrichment/risks.ts'
import type { CloudTrailRecord } from '../../record.ts'
import { policyTextIn } from '../written-policy.ts'
import type { Payload } from './payload.ts'

/** Names that a sentence lists: an attacker may write a policy of thousands. */
const MOST_NAMES = 8

/** Which principals a policy lets in and what it allows; for a managed policy of AWS, whether it makes an administrator. */
export const policyPayload = (record: CloudTrailRecord): Payload | undefined => {
  const { request = {} } = record
  const text = policyTextIn(request)
  const accountId = record.recipientAccountId ?? record.accountId ?? ''
  if (text === undefined) return namedPrincipal(record, accountId) ?? accessList(request) ?? managedPolicy(record)
  const trust = readTrust(text, accountId)?.filter(({ effect }) => effect === 'Allow')
  const statements = readStatements(text)?.filter(({ effect }) => effect === 'Allow')
  if (!trust || !statements) return undefined
  if (statements.length === 0) return { says: [', which allows nothing'] }
  const isTrust = request.assumeRolePolicyDocument !== undefined || /AssumeRolePolicy$/.test(record.eventName)
  const isIdentityPolicy = !isTrust && trust.every(({ except, principals }) => !except && principals.length === 0)
  if (isIdentityPolicy) return identityPolicy(statements)
  return isTrust ? trustPolicy(trust) : resourcePolicy(trust, statements)
}

const trustPolicy = (trust: readonly TrustRead[]): Payload => ({
  says: [', which lets in ', ...principalSpans(trust), ...conditionWords(trust)],
  ...given({ gravity: isOpen(trust) ? ('trust' as const) : undefined }),
})

/** A policy of a bucket, a key, a secret, a repository. */
const resourcePolicy = (trust: readonly TrustRead[], statements: readonly StatementRead[]): Payload => ({
  says: [', which lets in ', ...principalSpans(trust), ' for ', ...actionSpans(statements), ...conditionWords(trust)],
  gravity: isOpen(trust) ? 'exposure' : 'permission',
})

const identityPolicy = (statements: readonly StatementRead[]): Payload => ({
  says: [', which allows ', ...actionSpans(statements), ' on ', ...resourceSpans(statements), ...conditionWords(statements)],
  ...given({ gravity: administratorIf(isAdministrator(statements)) }),
})

const administratorIf = (is: boolean): Gravity | undefined => (is ? 'administrator' : undefined)

/** The stated rules of the section Permissions: everything, all of IAM, all but some actions, or edits of permissions for all resources. */
const isAdministrator = (statements: readonly StatementRead[]): boolean =>
  risksIn([{ name: untrusted(''), kind: 'inline', use: 'permissions', statements: statements.filter(isForAll) }]).some(
    ({ rule }) => ADMINISTRATOR_RULES.has(rule),
  )

const isForAll = ({ resources }: StatementRead): boolean => resources.some((resource) => rawText(resource) === '*')

const ADMINISTRATOR_RULES: ReadonlySet<string> = new Set([
  'all actions',
  'all of IAM',
  'edits permissions',
  'all but some actions',
])

const isOpen = (trust: readonly TrustRead[]): boolean =>
  trust.some(({ except, principals }) => except || principals.some(({ external }) => external))

/** Those outside the account come first. */
const principalSpans = (trust: readonly TrustRead[]): readonly Span[] => {
  if (trust.some(({ except }) => except)) return ['everybody but those that it names']
  const all = new Map(trust.flatMap(({ principals }) => principals).map((principal) => [rawText(principal.name), principal]))
  const sorted = [...all.values()].toSorted((a, b) => Number(b.external) - Number(a.external))
  return listed(sorted, principalSpan, 'nobody')
}

const principalSpan = (principal: TrustedPrincipal): readonly Span[] => {
  const { kind, name, external } = principal
  if (kind === 'anyone') return ['everybody (*)']
  if (kind === 'service') return ['the AWS service ', name]
  return [name, external ? ' (outside the account)' : kind === 'account' ? ' (the account itself)' : '']
}

const actionSpans = (statements: readonly StatementRead[]): readonly Span[] => {
  const actions = statements.flatMap((statement) => statement.actions)
  if (actions.some((action) => rawText(action) === '*')) return ['every action']
  const excepted = statements.flatMap(({ notActions }) => notActions)
  return [
    ...(actions.length > 0 || excepted.length === 0 ? listed(unique(actions), (action) => [action], 'no action') : []),
    ...(excepted.length > 0
      ? [actions.length > 0 ? ', and ' : '', 'every action but ', ...listed(unique(excepted), (action) => [action], '')]
      : []),
  ]
}

const resourceSpans = (statements: readonly StatementRead[]): readonly Span[] => {
  const resources = unique(statements.flatMap((statement) => statement.resources))
  if (resources.some((resource) => rawText(resource) === '*')) return ['every resource']
  if (resources.length === 0) return ['resources by exception']
  return listed(resources, (resource) => [resource], '')
}

const conditionWords = (statements: readonly { readonly conditions: readonly unknown[] }[]): readonly Span[] =>
  statements.some(({ conditions }) => conditions.length > 0) ? [', in part under conditions'] : []

const unique = (texts: readonly Untrusted[]): readonly Untrusted[] => [...new Set(texts.map(rawText))].map(untrusted)

const listed = <T>(things: readonly T[], spans: (thing: T) => readonly Span[], none: string): readonly Span[] => {
  if (things.length === 0) return [none]
  const shown = things.slice(0, MOST_NAMES).flatMap((thing, index) => [...(index > 0 ? [', '] : []), ...spans(thing)])
  return things.length > MOST_NAMES ? [...shown, ` and ${things.length - MOST_NAMES} more`] : shown
}

/** A permission that names its principal beside no policy: a function's, a grant's on a key. */
const namedPrincipal = ({ request = {}, eventName }: CloudTrailRecord, accountId: string): Payload | undefined => {
  const { principal, granteePrincipal, functionUrlAuthType, authType, operations } = request
  const name = textOf(granteePrincipal) ?? textOf(principal)
  if (name !== undefined && /^(?:Add\w*Permission|CreateGrant)/.test(eventName)) {
    const statement = { Effect: 'Allow', Action: '*', Principal: principalMember(name) }
    const trust = readTrust(JSON.stringify({ Statement: statement }), accountId) ?? []
    const what = Array.isArray(operations) ? operations.map(String) : [textOf(request.action) ?? ''].filter((text) => text !== '')
    const forWhat = what.length > 0 ? [' for ', ...listed(what.map(untrusted), (one) => [one], '')] : []
    const gravity = isOpen(trust) ? 'exposure' : undefined
    return { says: [', which lets in ', ...principalSpans(trust), ...forWhat], ...given({ gravity }) }
  }
  if ([functionUrlAuthType, authType].includes('NONE') && eventName.includes('Url'))
    return { says: [', which lets in everybody (without authentication)'], gravity: 'exposure' }
  return undefined
}

const principalMember = (name: string): object | string =>
  name === '*' ? '*' : /\.amazonaws\.com(?:\.cn)?$/.test(name) ? { Service: name } : { AWS: name }

/** An access list: AWS's own groups stand for everybody ("Access control list (ACL) overview"). */
const accessList = (request: Readonly<Record<string, unknown>>): Payload | undefined => {
  const text = JSON.stringify([request['x-amz-acl'], request.accessControlList, request.AccessControlPolicy, request])
  if (/groups\/global\/AllUsers|"public-read/.test(text))
    return { says: [', which lets in everybody (AllUsers)'], gravity: 'exposure' }
  if (/groups\/global\/AuthenticatedUsers|"authenticated-read"/.test(text))
    return { says: [', which lets in everybody with an AWS account (AuthenticatedUsers)'], gravity: 'exposure' }
  return undefined
}

/** AWS's own policies that make an administrator, or let their holder make themselves one ("AWS managed policies"). */
const ADMINISTRATOR_POLICY =
  /^arn:aws[\w-]*:(?:iam::aws:policy\/(?:AdministratorAccess|IAMFullAccess|PowerUserAccess)|eks::aws:cluster-access-policy\/AmazonEKSClusterAdminPolicy)$/

const managedPolicy = ({ eventName, request = {} }: CloudTrailRecord): Payload | undefined => {
  const arn = textOf(request.policyArn) ?? textOf(request.managedPolicyArn)
  if (arn === undefined || !/^(?:Attach|Associate)/.test(eventName) || !ADMINISTRATOR_POLICY.test(arn)) return undefined
  return { says: [': administrator rights'], gravity: 'administrator' }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
