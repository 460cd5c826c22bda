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

/** Those about other subjects, about instances that are gone or not to be stopped, and in another partition. */
const subjectScenarios = {
  'user-key': {
    title: 'A user’s long-term key is used from outside',
    load: async () => (await import('./user-key.ts')).userKeyScenario,
  },
  'function-role': {
    title: 'A function’s credentials are used from outside',
    load: async () => (await import('./function-role.ts')).functionRoleScenario,
  },
  'function-alias': {
    title: 'A function behind an alias runs with stolen credentials',
    load: async () => (await import('./function-alias.ts')).functionAliasScenario,
  },
  'task-role': {
    title: 'A task’s credentials are used from outside',
    load: async () => (await import('./task-role.ts')).taskRoleScenario,
  },
  'web-identity': {
    title: 'A pod’s web identity token was stolen',
    load: async () => (await import('./web-identity.ts')).webIdentityScenario,
  },
  'other-account': {
    title: 'A partner’s account assumes the role again and again',
    load: async () => (await import('./other-account.ts')).otherAccountScenario,
  },
  'terminated-instance': {
    title: 'The instance was terminated before anybody responds',
    load: async () => (await import('./terminated-instance.ts')).terminatedInstance,
  },
  'auto-scaling-member': {
    title: 'The instance is a member of an Auto Scaling group',
    load: async () => (await import('./auto-scaling-member.ts')).autoScalingMember,
  },
  'user-session': {
    title: 'A session of a user is used from outside',
    load: async () => (await import('./user-session.ts')).userSessionScenario,
  },
  'federated-user': {
    title: 'A federated user’s session is used from outside',
    load: async () => (await import('./federated-user.ts')).federatedUserScenario,
  },
  'pod-identity': {
    title: 'A pod’s credentials are used from outside',
    load: async () => (await import('./pod-identity.ts')).podIdentityScenario,
  },
  'saml-person': {
    title: 'A person’s password at the identity provider was stolen',
    load: async () => (await import('./saml-person.ts')).samlPersonScenario,
  },
  'identity-pool': {
    title: 'A guest identity pool hands out credentials to anybody',
    load: async () => (await import('./identity-pool.ts')).identityPoolScenario,
  },
  'roles-anywhere': {
    title: 'A server’s certificate for Roles Anywhere was stolen',
    load: async () => (await import('./roles-anywhere.ts')).rolesAnywhereScenario,
  },
  'identity-center': {
    title: 'A person’s session of a permission set is used from outside',
    load: async () => (await import('./identity-center.ts')).identityCenterScenario,
  },
  'service-linked-role': {
    title: 'Credentials of a service-linked role are used from outside',
    load: async () => (await import('./service-linked-role.ts')).serviceLinkedScenario,
  },
  'root-user': {
    title: 'Somebody signed in as the root user',
    load: async () => (await import('./root-user.ts')).rootUserScenario,
  },
  'assumed-root': {
    title: 'A root session was taken from the management account',
    load: async () => (await import('./assumed-root.ts')).assumedRootScenario,
  },
  'obtained-session': {
    title: 'A user’s key took a session of a role',
    load: async () => (await import('./obtained-session.ts')).obtainedSessionScenario,
  },
  'china-region': {
    title: 'The account lies in the AWS China partition',
    load: async () => (await import('./china-region.ts')).chinaRegion,
  },
} satisfies Record<string, CatalogueEntry>

const every: Readonly<Record<string, CatalogueEntry>> = { ...scenarios, ...subjectScenarios }

export type ScenarioId = keyof typeof scenarios | keyof typeof subjectScenarios

/** The ids of the scenarios about a plain instance's credentials, the standard one first. */
export const scenarioIds = Object.keys(scenarios) as (keyof typeof scenarios)[]

/** The ids of the others. */
export const subjectScenarioIds = Object.keys(subjectScenarios) as (keyof typeof subjectScenarios)[]

/** All ids, the standard one first. */
export const everyScenarioId: readonly ScenarioId[] = [...scenarioIds, ...subjectScenarioIds]

/** What a scenario is about, in a line: known before its account is loaded. */
export const scenarioTitle = (id: ScenarioId): string => every[id]?.title ?? id

/** The scenario of an id. Throws a Failure of kind usage for an id that there is not. */
export const loadScenario = async (id: string): Promise<NamedScenario> => {
  const entry = Object.hasOwn(every, id) ? every[id] : undefined
  if (entry) return { id, title: entry.title, ...(await entry.load()) }
  throw new Failure({
    kind: 'usage',
    what: `there is no scenario ${quoted(id)}`,
    remedy: `Choose one of ${everyScenarioId.join(', ')}`,
  })
}
