import { eventOf } from '../../activity/analysis/persistence/table.ts'
import { KEPT } from '../../activity/analysis/persistence/template.ts'
import { codeOf, problemOf } from '../../aws/failure.ts'
import type { LeftBehind } from '../../incident/activity-rows.ts'
import type { Hunted } from '../../incident/persistence.ts'
import { REGION } from '../../incident/region.ts'
import type { Context } from '../../runbook/stage.ts'
import { type Account, gone, type Look, type Named, type Place, type Seen, unknown } from './look.ts'
import { MACHINE_LOOKS } from './machines.ts'
import { POLICY_LOOKS } from './policies.ts'
import { ROLE_LOOKS } from './roles.ts'
import { USER_LOOKS } from './users.ts'

/** How each kind of leftover is looked for, by the event that shows it. What has no row is told as not known. */
export const LOOKS: ReadonlyMap<string, Look> = new Map(
  Object.entries({ ...USER_LOOKS, ...POLICY_LOOKS, ...ROLE_LOOKS, ...MACHINE_LOOKS }),
)

/** Looks whether one leftover is still there. A read that is denied leaves it not known; one that fails is an error. */
export const huntOne = async (leftover: LeftBehind, account: Account, context: Context): Promise<Hunted> => {
  const { standing, says, remedy = leftover.remedy, at = context.now() } = await see(leftover, account, context)
  return { leftover, standing, says, remedy, at }
}

const see = async (row: LeftBehind, { accountId, keys }: Account, context: Context): Promise<Seen> => {
  const event = eventOf(row.eventSource, row.eventName)
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

const seeNamed = async (found: Look, names: Named<string>, place: Place, row: LeftBehind): Promise<Seen> => {
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
const namesFor = ({ needs }: Look, { names }: LeftBehind): Named<string> | undefined => {
  const found = needs.flatMap((word) => {
    const name = names[word]?.[0]
    return name === undefined ? [] : [[word, name] as const]
  })
  return found.length === needs.length ? Object.fromEntries(found) : undefined
}
