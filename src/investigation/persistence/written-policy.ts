import { plainPolicy } from '../../aws/policy-document.ts'
import type { WrittenPolicy } from '../../incident/facts/activity-rows.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import { fingerprint } from '../fingerprint.ts'
import type { CloudTrailRecord } from '../record.ts'

/** Principals kept of one policy; an attacker may write thousands. */
export const PRINCIPALS_KEPT = 20

/** The policy that an event wrote; undefined for an event without one, and for a text that is not JSON. */
export const policyWrittenBy = ({ request = {} }: Pick<CloudTrailRecord, 'request'>): WrittenPolicy | undefined => {
  const text = policyTextIn(request)
  return text === undefined ? undefined : writtenPolicyOf(text)
}

/** Where services put a policy into a request: as a text, or as the object that CloudTrail makes of it. */
const POLICY_MEMBERS = [
  ...['assumeRolePolicyDocument', 'policyDocument', 'bucketPolicy', 'policy', 'policyText', 'resourcePolicy', 'inlinePolicy'],
  ...['accessPolicies', 'policyInJson', 'fileSystemPolicy'],
] as const

/** The policy in the parameters of a request, as a JSON text; undefined when there is none. */
export const policyTextIn = (request: Readonly<Record<string, unknown>>): string | undefined => {
  for (const member of POLICY_MEMBERS) {
    const value = request[member]
    if (typeof value === 'string' && /^\s*(?:\{|%7B)/i.test(value)) return plainPolicy(value)
    if (isObject(value) && 'Statement' in value) return JSON.stringify(value)
  }
  return undefined
}

/** The fingerprint of a policy, whatever its layout, and the principals that its Allow statements name. Undefined for a text that is not JSON. */
export const writtenPolicyOf = (text: string): WrittenPolicy | undefined => {
  const document = parsed(text)
  if (document === undefined) return undefined
  const principals = [...new Set(statementsIn(document).flatMap(principalsOf))].slice(0, PRINCIPALS_KEPT)
  return { fingerprint: fingerprint(canonical(document)), allowedPrincipals: principals.map(untrusted) }
}

const parsed = (text: string): object | undefined => {
  try {
    const document: unknown = JSON.parse(text)
    return isObject(document) ? document : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

const statementsIn = (document: object): readonly Readonly<Record<string, unknown>>[] =>
  listOf(Reflect.get(document, 'Statement')).filter(isObject)

/** `*`, ARNs, account ids, services and providers. */
const principalsOf = ({ Effect, Principal }: Readonly<Record<string, unknown>>): readonly string[] => {
  if (Effect !== 'Allow') return []
  const named = isObject(Principal) ? Object.values(Principal).flatMap(listOf) : [Principal]
  return named.filter((name) => typeof name === 'string')
}

/** One text for one meaning: members in order, no white space, a list of one as its item. */
const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 1 ? canonical(value[0]) : `[${value.map(canonical).join()}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.keys(value).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`
}
