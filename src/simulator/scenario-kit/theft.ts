import { MINUTE_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { ActorEvent } from '../account/account.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import type { GraphAdministrator } from '../account/detection.ts'
import { BOTO_AGENT, KALI_AGENT } from '../actors/attacker.ts'
import { credentialsOn } from '../actors/workload.ts'
import { newAccessKeyId } from '../issue-credentials.ts'
import { hexFrom } from '../random.ts'
import type { RemoteIp } from './finding-document.ts'
import { actorEventsWhile, neighbourCredentials, startActors, startAttacker, writePast } from './incident.ts'
import { scenarioIndicators } from './indicators.ts'
import { EXAMPLE_HOSTING } from './remotes.ts'
import type { BuiltScenario, ScenarioOptions } from './scenario.ts'
import { ACME, buildStandardAccount, type StandardAccount } from './standard-account.ts'
import { ON_A_THREAT_LIST, placeTheftFindings, type Theft } from './theft-findings.ts'
import { placeUsualFindings } from './usual-findings.ts'

/** What differs from one theft to the next. */
export interface TheftVariant {
  /** Over which version of the metadata service the credentials were taken. */
  readonly stolenOver: '1.0' | '2.0'
  /** Whether the findings describe the instance. */
  readonly withInstance: boolean
  /** Whose Detective graph it is, where it is not the account's own. */
  readonly graphAdministrator?: GraphAdministrator
  readonly modelAnswers: readonly string[]
  /** What else there is in the account. */
  readonly furnish?: (standard: StandardAccount) => void
  /** What had become of the instance before anybody responds. */
  readonly fate?: (standard: StandardAccount) => void
  /** What the attacker does instead of looking around and copying a bucket. */
  readonly startAttackerOf?: typeof startAttacker
}

/** What becomes of a standard once somebody has used the stolen credentials in it. */
export interface Aftermath {
  readonly stolen: IssuedCredential
  readonly actorEvents: readonly ActorEvent[]
  /** Whose calls Detective describes, where it is no attacker. */
  readonly who?: ActorEvent['who']
  readonly remote: RemoteIp
  readonly userAgents: readonly string[]
  /** Puts what GuardDuty found into the account and gives the id of the finding to respond to. */
  readonly placeFindings: () => string
  readonly modelAnswers: readonly string[]
  /** What the workload has now, where it is not the compromised instance. */
  readonly newCredentials?: BuiltScenario['newCredentials']
  readonly management?: IssuedCredential
  /** What else whoever plays this is handed, and what was changed about a finding file. */
  readonly more?: Pick<BuiltScenario, 'stolenToken' | 'notes'>
}

/** Writes the findings and what Detective will see, and lets the present begin. */
export const finish = (standard: StandardAccount, aftermath: Aftermath): BuiltScenario => {
  const { account, subjectInstance, responder } = standard
  const { stolen, actorEvents, remote, userAgents, modelAnswers, who: described = 'attacker' } = aftermath
  placeUsualFindings(standard)
  const findingId = aftermath.placeFindings()
  startActors(standard)
  standard.indicators.push(
    ...scenarioIndicators({
      events: actorEvents.filter(({ who }) => who === described),
      remote,
      ownIp: subjectInstance.publicIp ?? subjectInstance.privateIp,
      userAgents,
      related: [...account.findings.values()].filter((finding) =>
        JSON.stringify(finding.Resource).includes(`:${subjectInstance.id}"`),
      ),
    }).map((indicator) => ({ ...indicator })),
  )
  return {
    account,
    findingId,
    cast: {
      ...{ responder, attacker: stolen, workload: neighbourCredentials(standard) },
      ...investigatorOf(standard),
      ...given({ management: aftermath.management }),
    },
    newCredentials: aftermath.newCredentials ?? (() => credentialsOn(account, subjectInstance)),
    modelAnswers,
    ...aftermath.more,
  }
}

/** Somebody in the account that administers the Detective graph. */
const investigatorOf = ({ account, now }: StandardAccount): Pick<BuiltScenario['cast'], 'investigator'> => {
  if (!account.graphAdministrator) return {}
  const investigator = account.credentials.register({
    accessKeyId: newAccessKeyId(account, 'ASIA'),
    secretAccessKey: hexFrom(account.random, 40),
    sessionToken: `IQoJb3JpZ2luX2Vj${hexFrom(account.random, 284)}`,
    principal: { type: 'role-session', roleName: 'security-investigator', roleId: 'AROAXCSEC6TN7Q2HD5MWE', sessionName: 'alice' },
    accountId: account.graphAdministrator.accountId,
    issuedAt: now - 5 * MINUTE_MS,
    expiresAt: now + 43_200_000,
  })
  return { investigator }
}

/** An account whose role credentials were taken from an instance and are used from somewhere else. */
export const buildTheft = (options: ScenarioOptions, variant: TheftVariant): BuiltScenario => {
  const standard = buildStandardAccount(options, ACME, variant.graphAdministrator)
  variant.furnish?.(standard)
  const stolen = writePast(standard, variant.stolenOver)
  const remote = EXAMPLE_HOSTING
  const startAttackerOf = variant.startAttackerOf ?? startAttacker
  const actorEvents = actorEventsWhile(standard, () => startAttackerOf(standard, stolen, remote.ip))
  variant.fate?.(standard)
  const theft: Theft = {
    stolen,
    actorEvents,
    remote,
    userAgent: BOTO_AGENT,
    withInstance: variant.withInstance,
    appearsAfter: options.findingAppearsAfter ?? 0,
  }
  return finish(standard, {
    stolen,
    actorEvents,
    remote,
    userAgents: [KALI_AGENT, BOTO_AGENT],
    placeFindings: () => placeTheftFindings(standard, theft, ON_A_THREAT_LIST),
    modelAnswers: variant.modelAnswers,
  })
}
