import { Failure } from '../../incident/values/failure.ts'
import { quoted } from '../../incident/values/quoted.ts'
import type { Scenario } from '../scenario-kit/scenario.ts'

/** Every scenario by its id, read when it is asked for. A new one is one file and one line here. */
const scenarios = {
  'custom-threat-list': async () => (await import('./custom-threat-list.ts')).customThreatList,
  'no-instance-details': async () => (await import('./no-instance-details.ts')).noInstanceDetails,
  'looks-rotated': async () => (await import('./looks-rotated.ts')).looksRotated,
  'called-from-the-host': async () => (await import('./called-from-the-host.ts')).calledFromTheHost,
  'detective-elsewhere': async () => (await import('./detective-elsewhere.ts')).detectiveElsewhere,
  'usual-address': async () => (await import('./usual-address.ts')).usualAddress,
  'left-behind': async () => (await import('./left-behind.ts')).leftBehindScenario,
} satisfies Record<string, () => Promise<Scenario>>

export type ScenarioId = keyof typeof scenarios

/** The scenarios' ids, the standard one first. */
export const scenarioIds = Object.keys(scenarios) as ScenarioId[]

const isScenarioId = (id: string): id is ScenarioId => Object.hasOwn(scenarios, id)

/** The scenario of an id. Throws a Failure of kind usage for an id that there is not. */
export const loadScenario = async (id: string): Promise<Scenario> => {
  if (isScenarioId(id)) return scenarios[id]()
  throw new Failure({
    kind: 'usage',
    what: `there is no scenario ${quoted(id)}`,
    remedy: `Choose one of ${scenarioIds.join(', ')}`,
  })
}
