import type { FoundFinding } from '../../../incident/facts/facts.ts'
import { allFindingsOf } from '../../../incident/facts/facts.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { firstFitting } from '../../../incident/journal-budget.ts'
import { given } from '../../../incident/values/given.ts'
import { instanceNamedBy } from '../../../incident/values/identifiers.ts'
import { epochOf } from '../../../incident/values/instant.ts'
import {
  aboutOf,
  type Compromised,
  inOrderObserved,
  type OtherFinding,
  type OtherFindings,
  otherFindings,
} from '../../../investigation/enrichment/guardduty/other-findings.ts'
import type { Context } from '../../stage.ts'

/** How many related findings of one list a fact holds, and how many characters: a line of the journal has a limit. The newest count. */
const RELATED = 50
const ROOM = 40_000

/** Who a finding says was compromised. */
const compromisedIn = ({ accountId, accessKeyId, principalId, instanceId, userName, userType }: Finding): Compromised => {
  const instance = instanceId ?? instanceNamedBy(principalId)
  const name = userType === 'IAMUser' ? { userName } : { roleName: userName }
  return {
    accountId,
    ...given({ accessKeyId, principalId, instanceId: instance }),
    ...(userName === undefined ? {} : (name as { userName: string })),
  }
}

type Related = Omit<FoundFinding, 'finding' | 'source' | 'document'>

/** All findings on the same key, session, instance and role, whatever their type, each in the first of these lists that it fits. */
export const relatedFindings = async (finding: Finding, context: Context): Promise<Related> => {
  const regions = [finding.region, ...context.regions]
  const { findings, incomplete } = await otherFindings(compromisedIn(finding), { aws: context.aws, regions })
  const others = findings.filter((other) => other.finding.id !== finding.id)
  const left: string[] = [...incomplete]
  const kept = (name: string, fits: (about: OtherFinding['about']) => boolean): readonly Finding[] => {
    const all = others.filter(({ about }) => fits(about))
    const byAge = [...all].sort((a, b) => epochOf(b.finding.updatedAt) - epochOf(a.finding.updatedAt))
    const newest = firstFitting(byAge.slice(0, RELATED), ROOM)
    const older = all.length - newest.length
    if (older > 0)
      left.push(
        `${older} older finding${older === 1 ? '' : 's'} on the ${name} ${older === 1 ? 'is' : 'are'} left out of the journal`,
      )
    return inOrderObserved(newest).map((other) => other.finding)
  }
  const on = (mark: OtherFinding['about'][number]) => (about: OtherFinding['about']) => about.includes(mark)
  const [onKey, onSession, onInstance] = [on('key'), on('session'), on('instance')]
  const related = {
    onSameKey: kept('key', onKey),
    onSamePrincipal: kept('session', (about) => !onKey(about) && onSession(about)),
    onSameInstance: kept('instance', (about) => !onKey(about) && !onSession(about) && onInstance(about)),
    onSameRole: kept('role', (about) => !onKey(about) && !onSession(about) && !onInstance(about)),
  }
  return { ...related, ...given({ incomplete: left.length === 0 ? undefined : left }) }
}

/** The related findings of a fact, in the order in which they were first seen. */
export const othersOf = (found: FoundFinding): OtherFindings => {
  const [finding, ...others] = allFindingsOf(found)
  const { incomplete = [] } = found
  const compromised = compromisedIn(finding)
  const findings = inOrderObserved(others.map((other) => ({ finding: other, about: aboutOf(other, compromised) })))
  return { findings, notEnabled: [], incomplete }
}
