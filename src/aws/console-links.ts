import { floorTo, HOUR_MS } from '../incident/values/duration.ts'
import { epochOf, type Instant } from '../incident/values/instant.ts'

/** Everything a console link needs. Scope times are aligned to whole hours, as Detective's console wants them. */
export interface LinkScope {
  readonly partition: string
  readonly region: string
  readonly from: Instant
  readonly until: Instant
}

/**
 * The unit of scopeStart and scopeEnd. "Navigating to an entity profile or finding overview using a URL" shows seconds;
 * the tool that the same page names writes milliseconds. Not verified against a real console.
 */
const EPOCH_UNIT_MS = 1000

export const floorToHour = (instant: Instant): number => floorTo(epochOf(instant), HOUR_MS)
export const ceilToHour = (instant: Instant): number => Math.ceil(epochOf(instant) / HOUR_MS) * HOUR_MS

const CONSOLES: ReadonlyMap<string, string> = new Map([
  ['aws-cn', 'console.amazonaws.cn'],
  ['aws-us-gov', 'console.amazonaws-us-gov.com'],
])
const consoleOf = (partition: string): string => CONSOLES.get(partition) ?? 'console.aws.amazon.com'

/** Detective's console is where its endpoints are: in the commercial Regions and GovCloud, not in China nor the isolated partitions. */
export const hasDetectiveConsole = (partition: string): boolean => partition === 'aws' || partition === 'aws-us-gov'

type Home = Pick<LinkScope, 'partition' | 'region'>

const homeOf = ({ partition, region }: Home): string => `https://${consoleOf(partition)}/detective/home?region=${region}`

const detective = (scope: LinkScope, page: string): string => {
  const times = `scopeStart=${floorToHour(scope.from) / EPOCH_UNIT_MS}&scopeEnd=${ceilToHour(scope.until) / EPOCH_UNIT_MS}`
  return `${homeOf(scope)}#${page}?${times}`
}

const segment = (id: string): string => encodeURIComponent(id).replaceAll('%3A', ':')

/** Detective's page of the role session: `principalId` is `AROA…:session`. */
export const roleSessionLink = (scope: LinkScope, principalId: string): string =>
  detective(scope, `entities/AwsRoleSession/${segment(principalId)}`)
export const roleLink = (scope: LinkScope, roleId: string): string => detective(scope, `entities/AwsRole/${segment(roleId)}`)
export const findingLink = (scope: LinkScope, findingId: string): string =>
  detective(scope, `findings/GuardDuty/${segment(findingId)}`)
export const userLink = (scope: LinkScope, userId: string): string => detective(scope, `entities/AwsUser/${segment(userId)}`)
export const instanceLink = (scope: LinkScope, instanceId: string): string =>
  detective(scope, `entities/Ec2Instance/${segment(instanceId)}`)
export const addressLink = (scope: LinkScope, ip: string): string => detective(scope, `entities/IpAddress/${segment(ip)}`)

/** The report of one investigation. AWS documents the list alone; that an id may follow is third parties' word. */
export const investigationLink = (home: Home, investigationId: string): string =>
  `${homeOf(home)}#investigations/${segment(investigationId)}`
export const investigationsLink = (home: Home): string => `${homeOf(home)}#investigations`
