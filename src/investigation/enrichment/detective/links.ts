import {
  addressLink,
  findingLink,
  hasDetectiveConsole,
  instanceLink,
  investigationLink,
  investigationsLink,
  type LinkScope,
  roleLink,
  roleSessionLink,
  userLink,
} from '../../../aws/console-links.ts'
import type { Indicator, InvestigationFact } from '../../../incident/facts/facts.ts'
import { roleSessionOf } from '../../../incident/values/identifiers.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { InvestigatedEntity } from './connection.ts'

/** Addresses that get a link; an investigation can name hundreds. */
const ADDRESSES = 10

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|(?=.*:)[0-9a-fA-F:.]{2,45})$/

/** The addresses that indicators name, in their order. */
const addressesIn = (indicators: readonly Indicator[]): readonly string[] =>
  indicators
    .flatMap(({ detail }) => detail)
    .filter(([name, value]) => /IpAddress$/.test(name) && ADDRESS.test(rawText(value)))
    .map(([, value]) => rawText(value))

/**
 * Links into Detective's console, to the panels that no API has: sessions, volumes, new behaviour. Empty where the partition has no
 * such console.
 */
export const detectiveLinks = (
  scope: LinkScope,
  entity: InvestigatedEntity,
  investigationId?: string,
  indicators: readonly Indicator[] = [],
): InvestigationFact['links'] => {
  if (!hasDetectiveConsole(scope.partition)) return []
  const { entityArn, entityId, principalId = '', instanceId, findingIds = [], addresses = [] } = entity
  const isUser = entityArn.includes(':user/')
  const ips = [...new Set([...addresses, ...addressesIn(indicators)])].slice(0, ADDRESSES)
  return [
    ...(roleSessionOf(principalId)?.sessionName ? [{ label: 'role session', url: roleSessionLink(scope, principalId) }] : []),
    ...(entityId === undefined
      ? []
      : [{ label: isUser ? 'user' : 'role', url: (isUser ? userLink : roleLink)(scope, entityId) }]),
    ...findingIds.map((id) => ({ label: 'finding', url: findingLink(scope, id) })),
    ...ips.map((ip) => ({ label: `address ${ip}`, url: addressLink(scope, ip) })),
    ...(instanceId === undefined ? [] : [{ label: 'instance', url: instanceLink(scope, instanceId) }]),
    ...(investigationId === undefined ? [] : [{ label: 'investigation', url: investigationLink(scope, investigationId) }]),
    { label: 'all investigations', url: investigationsLink(scope) },
  ]
}
