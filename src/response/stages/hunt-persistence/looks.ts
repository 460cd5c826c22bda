import { codeOf, problemOf } from '../../../aws/failure.ts'
import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import type { ExaminedArtefact } from '../../../incident/facts/persistence.ts'
import { REGION } from '../../../incident/values/region.ts'
import { eventKeyOf } from '../../../investigation/persistence/table.ts'
import { KEPT } from '../../../investigation/persistence/template.ts'
import type { Context } from '../../stage.ts'
import { gone, type HuntedAccount, type Look, type LookResult, type LookupTarget, type RecordNames, unknown } from './look.ts'
import { MACHINE_LOOKS } from './machines.ts'
import { POLICY_LOOKS } from './policies.ts'
import { ROLE_LOOKS } from './roles.ts'
import { USER_LOOKS } from './users.ts'

/** How each kind of persistence artefact is looked for, by the event that shows it. What has no row is told as not known. */
export const LOOKS: ReadonlyMap<string, Look> = new Map(
  Object.entries({ ...USER_LOOKS, ...POLICY_LOOKS, ...ROLE_LOOKS, ...MACHINE_LOOKS }),
)

/** Looks whether one persistence artefact is still there. A read that is denied leaves it not known; one that fails is an error. */
export const huntOne = async (
  artefact: PersistenceArtefact,
  account: HuntedAccount,
  context: Context,
): Promise<ExaminedArtefact> => {
  const { standing, says, remedy = artefact.remedy, at = context.now() } = await see(artefact, account, context)
  return { artefact, standing, observed: says, remedy, at }
}

const see = async (row: PersistenceArtefact, { accountId, keys }: HuntedAccount, context: Context): Promise<LookResult> => {
  const event = eventKeyOf(row.eventSource, row.eventName)
  const found = LOOKS.get(event)
  if (!found) return unknown(`ir-cred does not ask ${event.split(':')[0]} about it`)
  if (row.accountId !== undefined && row.accountId !== accountId) {
    return unknown(`it is in account ${row.accountId}, where these credentials see nothing`)
  }
  if (!REGION.test(row.region)) return unknown('the record names no Region that there is')
  const names = namesFor(found, row)
  if (!names) return unknown('the record does not name it')
  const { iam, ec2 } = context.aws(row.region)
  const seen = await seeNamed(found, names, { iam, ec2, accountId, keys }, row)
  const isCut = Object.values(row.names).some(({ length }) => length >= KEPT)
  return isCut && seen.standing === 'gone' ? unknown(`only the first ${KEPT} that the call named were looked at`) : seen
}

const seeNamed = async (
  found: Look,
  names: RecordNames<string>,
  place: LookupTarget,
  row: PersistenceArtefact,
): Promise<LookResult> => {
  try {
    return await found.look(names, place, row)
  } catch (error) {
    const problem = problemOf(error)
    if (problem === 'missing') return gone(`${found.asks} answers ${codeOf(error)}`)
    if (problem === 'denied') return unknown(`${found.asks} is denied to us`)
    if (problem === 'rejected') return unknown(`${found.asks} answers ${codeOf(error)}`)
    throw error
  }
}

/** The first name of each word that a look needs; undefined when one is missing. */
const namesFor = ({ needs }: Look, { names }: PersistenceArtefact): RecordNames<string> | undefined => {
  const found = needs.flatMap((word) => {
    const name = names[word]?.[0]
    return name === undefined ? [] : [[word, name] as const]
  })
  return found.length === needs.length ? Object.fromEntries(found) : undefined
}
