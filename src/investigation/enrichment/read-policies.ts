import { GetPolicyCommand, GetPolicyVersionCommand, type IAMClient } from '@aws-sdk/client-iam'
import type { PolicyRead } from '../../incident/facts/role-profile.ts'
import { given } from '../../incident/values/given.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import { attachedPoliciesOf, inlinePoliciesOf, inlinePolicyOf, type PolicyHolder } from './iam-lists.ts'
import { type EnrichmentReader, listOptional, plain, type ReadOptional } from './optional-reads.ts'
import { readStatements } from './read-statements.ts'

/** Characters of statements that one profile keeps. 25 managed policies, the most a role can have, fit. */
const MOST_CHARACTERS = 400_000

/** What the reading of one profile shares. */
export interface PolicyReading extends EnrichmentReader {
  readonly iam: IAMClient
  /** Characters that there is still room for. */
  room: number
  /** Documents of managed policies by ARN: the same one may come from several groups. */
  readonly managed: Map<string, Versioned>
}

interface Versioned {
  readonly version?: string
  readonly document?: string
}

type Body = Pick<PolicyRead, 'version' | 'statements' | 'unread'>

export const policyReading = (iam: IAMClient, ask: ReadOptional, incomplete: string[]): PolicyReading => ({
  iam,
  ask,
  incomplete,
  room: MOST_CHARACTERS,
  managed: new Map(),
})

/** The permissions of a role, user or group by policy, inline ones first; managed ones in their default version. */
export const readPolicies = async (reading: PolicyReading, kind: PolicyHolder, name: string): Promise<readonly PolicyRead[]> => {
  const group = kind === 'Group' ? { group: untrusted(name) } : {}
  const inline = await readInline(reading, kind, name)
  const attached = await readAttached(reading, kind, name)
  return [...inline, ...attached].map((policy) => ({ ...policy, ...group }))
}

const readInline = async (reading: PolicyReading, kind: PolicyHolder, name: string): Promise<readonly PolicyRead[]> => {
  const { iam, ask } = reading
  const whose = `${kind.toLowerCase()} ${plain(name)}`
  const names = await listOptional(reading, `iam:List${kind}Policies`, `the inline policies of ${whose}`, () =>
    inlinePoliciesOf(iam, kind, name),
  )
  const policies: PolicyRead[] = []
  for (const policyName of names) {
    const what = `inline policy ${plain(policyName)} of ${whose}`
    const document = await ask(`iam:Get${kind}Policy`, what, () => inlinePolicyOf(iam, kind, name, policyName))
    const body = bodyOf(reading, document, what)
    policies.push({ kind: 'inline', use: 'permissions', name: untrusted(policyName), ...body })
  }
  return policies
}

const readAttached = async (reading: PolicyReading, kind: PolicyHolder, name: string): Promise<readonly PolicyRead[]> => {
  const whose = `${kind.toLowerCase()} ${plain(name)}`
  const attached = await listOptional(reading, `iam:ListAttached${kind}Policies`, `the managed policies of ${whose}`, () =>
    attachedPoliciesOf(reading.iam, kind, name),
  )
  const policies: PolicyRead[] = []
  for (const { PolicyName = '', PolicyArn = '' } of attached) {
    policies.push(await readManaged(reading, PolicyArn, { use: 'permissions', name: PolicyName }))
  }
  return policies
}

/** A managed policy as it is in force: its default version. */
export const readManaged = async (
  reading: PolicyReading,
  arn: string,
  { use, name = arn.replace(/^.*\//, '') }: { readonly use: PolicyRead['use']; readonly name?: string },
): Promise<PolicyRead> => {
  const what = `managed policy ${plain(name)}`
  const { version, document } = reading.managed.get(arn) ?? (await readVersion(reading, arn, what))
  reading.managed.set(arn, given({ version: version || undefined, document: document || undefined }))
  const body = bodyOf(reading, document, what)
  const kind = /^arn:[\w-]+:iam::aws:/.test(arn) ? 'AWS managed' : 'customer managed'
  return {
    kind,
    use,
    name: untrusted(name),
    arn: untrusted(arn),
    ...given({ version: version ? untrusted(version) : undefined }),
    ...body,
  }
}

const readVersion = async ({ iam, ask }: PolicyReading, PolicyArn: string, what: string): Promise<Versioned> => {
  const answer = await ask('iam:GetPolicy', what, () => iam.send(new GetPolicyCommand({ PolicyArn })))
  const VersionId = answer?.Policy?.DefaultVersionId
  if (VersionId === undefined) return {}
  const versioned = await ask('iam:GetPolicyVersion', what, () => iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId })))
  const document = versioned?.PolicyVersion?.Document
  return { version: VersionId, ...given({ document }) }
}

const bodyOf = (reading: PolicyReading, document: string | undefined, what: string): Body => {
  if (document === undefined) return { statements: [], unread: 'it could not be read' }
  const statements = readStatements(document)
  if (!statements) return unread(reading, `${what} is not written as IAM writes policies`)
  const size = JSON.stringify(statements).length
  if (size > reading.room) {
    return unread(reading, `${what} is left out: the policies together are longer than ${MOST_CHARACTERS} characters`)
  }
  reading.room -= size
  return { statements }
}

const unread = ({ incomplete }: PolicyReading, why: string): Body => {
  incomplete.push(why)
  return { statements: [], unread: why }
}
