import { Failure } from '../../incident/values/failure.ts'
import { quoted } from '../../incident/values/quoted.ts'
import type { NamedScenario, Scenario } from '../scenario-kit/scenario.ts'

interface CatalogueEntry {
  readonly title: string
  readonly load: () => Promise<Scenario>
}

/** Every scenario by its id; its account is loaded on use. A new one is one file and one entry here. */
const scenarios = {
  'custom-threat-list': {
    title: 'A key is used from an address on your threat list',
    load: async () => (await import('./custom-threat-list.ts')).customThreatList,
  },
  'no-instance-details': {
    title: 'The finding names no instance',
    load: async () => (await import('./no-instance-details.ts')).noInstanceDetails,
  },
  'looks-rotated': {
    title: 'The key on the instance differs already',
    load: async () => (await import('./looks-rotated.ts')).looksRotated,
  },
  'called-from-the-host': {
    title: 'The calls come from your own instance',
    load: async () => (await import('./called-from-the-host.ts')).calledFromTheHost,
  },
  'detective-elsewhere': {
    title: 'Detective is administered by another account',
    load: async () => (await import('./detective-elsewhere.ts')).detectiveElsewhere,
  },
  'usual-address': {
    title: 'The address is the role’s own usual way out',
    load: async () => (await import('./usual-address.ts')).usualAddress,
  },
  'left-behind': {
    title: 'The attacker has made ways to come back',
    load: async () => (await import('./left-behind.ts')).leftBehindScenario,
  },
} satisfies Record<string, CatalogueEntry>

export type ScenarioId = keyof typeof scenarios

/** The scenarios' ids, the standard one first. */
export const scenarioIds = Object.keys(scenarios) as ScenarioId[]

/** What a scenario is about, in a line: known before its account is loaded. */
export const scenarioTitle = (id: ScenarioId): string => scenarios[id].title

const isScenarioId = (id: string): id is ScenarioId => Object.hasOwn(scenarios, id)

/** The scenario of an id. Throws a Failure of kind usage for an id that there is not. */
export const loadScenario = async (id: string): Promise<NamedScenario> => {
  if (isScenarioId(id)) return { id, title: scenarios[id].title, ...(await scenarios[id].load()) }
  throw new Failure({
    kind: 'usage',
    what: `there is no scenario ${quoted(id)}`,
    remedy: `Choose one of ${scenarioIds.join(', ')}`,
  })
}
