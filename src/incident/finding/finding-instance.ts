import { isIP } from 'node:net'
import { given } from '../values/given.ts'
import { instanceNamedBy, isInstanceId, isManagedNodeId } from '../values/identifiers.ts'
import { quoted } from '../values/quoted.ts'
import type { Finding } from './finding.ts'
import { at, filledText, itemsOf, type Member, type Remark, refusal } from './member.ts'

const instanceIdIn = (member: Member): string | undefined => {
  const id = filledText(member)
  if (id === undefined || isInstanceId(id)) return id
  const why = isManagedNodeId(id)
    ? `${id} is a managed node outside EC2, which EC2 can neither stop nor start`
    : `it holds ${quoted(id)}, and an id is i- and 8 or 17 digits from 0-9 and a-f`
  throw refusal(`The finding's ${member.path} is not the id of an EC2 instance`, why)
}

/**
 * An IPv4 or IPv6 address in one spelling, so that addresses can be compared; an IPv4 address written as IPv6
 * (`::ffff:192.0.2.1`) comes back as IPv4. Undefined for anything else; throws a Failure for a template's placeholder.
 */
export const addressIn = (member: Member): string | undefined => {
  const text = typeof member.value === 'string' ? filledText(member) : undefined
  if (text === undefined || isIP(text) === 0 || text.includes('%')) return undefined
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(text)?.[1]
  if (mapped !== undefined || isIP(text) === 4) return mapped ?? text
  return new URL(`http://[${text}]`).hostname.slice(1, -1)
}

/** The instance the finding names, and its public addresses. Throws a Failure for an id that is no instance id. */
export const instanceOf = (details: Member): Pick<Finding, 'instanceId' | 'instancePublicIps'> => {
  const interfaces = itemsOf(at(details, 'networkInterfaces'))
  const addresses = interfaces.flatMap((card) => [at(card, 'publicIp'), ...itemsOf(at(card, 'ipv6Addresses'))]).map(addressIn)
  return {
    ...given({ instanceId: instanceIdIn(at(details, 'instanceId')) }),
    instancePublicIps: [...new Set(addresses.filter((address) => address !== undefined))],
  }
}

/** Two answers to the question which instance it is are never settled by ir-cred. */
export const remarkOnConflict = (principalId: string | undefined, instanceId: string | undefined, remark: Remark): void => {
  const session = instanceNamedBy(principalId)
  if (session !== undefined && instanceId !== undefined && session !== instanceId)
    remark(`The session belongs to instance ${session} (principal id), but the instance details name ${instanceId}.`)
}
