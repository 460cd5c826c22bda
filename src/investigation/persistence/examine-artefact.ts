import type { AwsClients } from '../../aws/clients.ts'
import { codeOf, isNotFound, unreadReason } from '../../aws/failure.ts'
import type { PersistenceArtefact } from '../../incident/facts/activity-rows.ts'
import type { ExaminedArtefact } from '../../incident/facts/persistence.ts'
import { given } from '../../incident/values/given.ts'
import type { Instant } from '../../incident/values/instant.ts'
import { REGION } from '../../incident/values/region.ts'
import type { KeyLists } from './access-keys.ts'
import { liveReads } from './live-reads.ts'
import { NAMES_KEPT } from './placeholders.ts'
import { gone, type LiveLook, type LookResult, type LookScope, type RecordNames, unknown } from './rule.ts'
import { eventKeyOf, PERSISTENCE_RULES } from './rules.ts'

/** What live looks get from their caller. */
export interface LookContext {
  /** The account that the clients read. */
  readonly accountId: string
  readonly keys: KeyLists
  /** The clients for a Region. */
  readonly aws: (region: string) => Pick<AwsClients, 'iam' | 'ec2'>
  readonly now: () => Instant
}

/**
 * Looks whether an artefact is still there, with the live look of its rule. A read that fails leaves the standing unknown.
 * Throws what concerns the whole run: the responder's own credentials, an interruption, a bug.
 */
export const examineArtefact = async (artefact: PersistenceArtefact, context: LookContext): Promise<ExaminedArtefact> => {
  const { standing, observed, remedy = artefact.remedy, at = context.now(), used } = await lookAt(artefact, context)
  return { artefact, standing, observed, remedy, at, ...given({ used: used || undefined }) }
}

const lookAt = async (artefact: PersistenceArtefact, { accountId, keys, aws }: LookContext): Promise<LookResult> => {
  const event = eventKeyOf(artefact.eventSource, artefact.eventName)
  const look = PERSISTENCE_RULES.get(event)?.look
  if (!look) return unknown(`ir-cred has no live look for ${event}`)
  if (artefact.accountId !== undefined && artefact.accountId !== accountId)
    return unknown(`it is in account ${artefact.accountId}, which these credentials cannot read`)
  if (!REGION.test(artefact.region)) return unknown('the record does not name an AWS Region')
  const names = neededNames(look, artefact)
  if (!names) return unknown('the record does not name it')
  const result = await ask(look, names, { accountId, keys, reads: liveReads(aws(artefact.region)) }, artefact)
  const isCut = Object.values(artefact.names).some(({ length }) => length >= NAMES_KEPT)
  return isCut && result.standing === 'gone'
    ? unknown(`ir-cred looked at the first ${NAMES_KEPT} names in the record only`)
    : result
}

const ask = async (
  { action, observe }: LiveLook,
  names: RecordNames<string>,
  scope: LookScope,
  artefact: PersistenceArtefact,
): Promise<LookResult> => {
  try {
    return await observe(names, scope, artefact)
  } catch (error) {
    if (isNotFound(error)) return gone(`${action} answers ${codeOf(error)}`)
    const why = unreadReason(error)
    if (why === undefined) throw error
    return unknown(`${action} ${why}`)
  }
}

/** The first name of each word that a look needs; undefined when the record lacks one. */
const neededNames = ({ needs }: LiveLook, { names }: PersistenceArtefact): RecordNames<string> | undefined => {
  const found = needs.flatMap((word) => {
    const name = names[word]?.[0]
    return name === undefined ? [] : [[word, name] as const]
  })
  return found.length === needs.length ? Object.fromEntries(found) : undefined
}
