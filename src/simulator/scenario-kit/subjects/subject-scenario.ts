import { given } from '../../../incident/values/given.ts'
import { BOTO_AGENT, KALI_AGENT } from '../../actors/attacker.ts'
import { EXAMPLE_HOSTING } from '../remotes.ts'
import type { BuiltScenario, ScenarioOptions } from '../scenario.ts'
import { buildStandardAccount } from '../standard-account.ts'
import { finish } from '../theft.ts'
import { ON_A_THREAT_LIST, placeTheftFindings } from '../theft-findings.ts'
import type { SubjectKind } from './subject.ts'
import { stealFrom } from './theft.ts'

/** An account in which the credentials of a subject other than a plain instance were stolen, and are used from an address on the threat list. */
export const buildSubjectTheft = (
  options: ScenarioOptions,
  kind: SubjectKind,
  modelAnswers: readonly string[],
): BuiltScenario => {
  const standard = buildStandardAccount(options)
  const remote = EXAMPLE_HOSTING
  const { stolen, actorEvents, newCredentials, stolenToken, management } = stealFrom(standard, { kind }, remote.ip)
  const appearsAfter = options.findingAppearsAfter ?? 0
  const theft = { stolen, actorEvents, remote, userAgent: BOTO_AGENT, withInstance: false, appearsAfter }
  return finish(standard, {
    ...{ stolen, actorEvents, remote, userAgents: [KALI_AGENT, BOTO_AGENT], newCredentials, modelAnswers },
    ...given({ management }),
    placeFindings: () => placeTheftFindings(standard, theft, ON_A_THREAT_LIST),
    more: given({ stolenToken }),
  })
}
