import type { RoleSession } from '../../../incident/facts/subject.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import { given } from '../../../incident/values/given.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'

/** A service account of Kubernetes. Each name has the form that Kubernetes gives, so that it can stand in a command. */
export interface ServiceAccount {
  readonly namespace: string
  readonly name: string
  /** EKS Pod Identity names it; a web identity names only its issuer. */
  readonly cluster?: string
}

/** Who takes sessions of a role with a token of its own: the pods of a service account, or another identity of a provider. */
export interface Bearer {
  /** As a sentence names it. */
  readonly words: string
  /** What tells it from others: the service account, or the provider and the token's subject. */
  readonly id: string
  readonly account?: ServiceAccount
  /** Of a web identity: the provider's ARN or name. */
  readonly provider?: string
  readonly subject?: string
}

const PODS = 'pods.eks.amazonaws.com'

/** Names of namespaces, service accounts and clusters. Nothing in them has a meaning in a shell or a JSONPath. */
const NAME = /^[A-Za-z0-9][\w.-]{0,251}$/

const isName = (text: string | undefined): text is string => text !== undefined && NAME.test(text)

/** CloudTrail writes session tags as a list of keys and values, or as an object ("Passing session tags in AWS STS"). */
const sessionTags = ({ request = {} }: CloudTrailRecord): ReadonlyMap<string, string> => {
  const { tags, principalTags } = request
  const listed: readonly { readonly key?: unknown; readonly value?: unknown }[] = Array.isArray(tags) ? tags : []
  const pairs: readonly (readonly [unknown, unknown])[] = [
    ...listed.map((tag) => [tag?.key, tag?.value] as const),
    ...Object.entries(principalTags ?? {}),
  ]
  return new Map(pairs.filter((pair): pair is [string, string] => pair.every((part) => typeof part === 'string')))
}

/** Whose session a record of an issue names; undefined for any other caller. EKS sets the tags, not the pod ("EKS Pod Identity session tags"). */
export const bearerOf = (record: CloudTrailRecord): Bearer | undefined => {
  if (record.invokedBy === PODS && record.accessKeyId === undefined) return podsIn(record)
  if (record.eventName !== 'AssumeRoleWithWebIdentity') return undefined
  const { userName: subject, response: { provider } = {} } = record
  return subject === undefined || typeof provider !== 'string' ? undefined : webIdentity(provider, subject)
}

const podsIn = (record: CloudTrailRecord): Bearer | undefined => {
  const tags = sessionTags(record)
  const [cluster, namespace, name] = ['eks-cluster-name', 'kubernetes-namespace', 'kubernetes-service-account'].map((key) =>
    tags.get(key),
  )
  if (!isName(cluster) || !isName(namespace) || !isName(name)) return undefined
  const words = `the pods of service account "${name}" in namespace "${namespace}" of cluster ${cluster}`
  return { words, id: `${cluster}/${namespace}/${name}`, account: { namespace, name, cluster } }
}

const webIdentity = (provider: string, subject: string): Bearer => {
  const [, , namespace, name] = /^(system):(serviceaccount):([^:]+):([^:]+)$/.exec(subject)?.slice(1) ?? []
  const account = isName(namespace) && isName(name) && /oidc\.eks\./.test(provider) ? { namespace, name } : undefined
  const words = account
    ? `the pods of service account "${account.name}" in namespace "${account.namespace}"`
    : `web identity ${delimited(subject)}`
  return { words, id: `${provider} ${subject}`, provider, subject, ...given({ account }) }
}

/** The web identity that took the stolen session, where it was one. */
export const stolenWebIdentity = ({ issue }: RoleSession): Bearer | undefined => {
  const [source] = issue?.sources ?? []
  if (source?.kind !== 'web-identity' || !source.identity) return undefined
  return webIdentity(source.identity.trusted, rawText(source.identity.subject))
}
