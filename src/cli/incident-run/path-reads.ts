import { GetRoleCommand } from '@aws-sdk/client-iam'
import type { AwsClients } from '../../aws/clients.ts'
import type { ReadAhead } from '../../aws/read-ahead.ts'
import type { Request } from '../../incident/entry.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import { findingsInText } from '../../incident/finding/finding-document.ts'
import { POLICY_NAME } from '../../incident/revocation-document.ts'
import { findingArnOf, isRoleName } from '../../incident/values/identifiers.ts'
import { readable } from '../../investigation/enrichment/guardduty/findings-query.ts'
import { inlinePolicyOf } from '../../investigation/enrichment/iam-lists.ts'
import { search } from '../../response/stages/find-finding/search.ts'

/** Where is read ahead. */
interface PathReading {
  readonly request: Request
  readonly aws: (region: string) => AwsClients
  readonly regions: readonly string[]
  readonly readAhead: ReadAhead
}

/**
 * Sends what stands before the deny while AWS is still asked who responds: the finding, then the role and the policy that stands on it.
 * The stages send the same reads and take these answers; what fails here fails there as well, and is said there.
 */
export const readPathAhead = (reading: PathReading): void => {
  void followPath(reading).catch(() => undefined)
}

const followPath = async ({ request, aws, regions, readAhead }: PathReading): Promise<void> => {
  const home = regions[0] ?? ''
  const ahead = (region: string): AwsClients => {
    const { guardduty, iam, cloudtrail, ...others } = aws(region)
    return {
      ...others,
      guardduty: readAhead.ahead(guardduty),
      iam: readAhead.ahead(iam),
      cloudtrail: readAhead.ahead(cloudtrail),
    }
  }
  const role = async (name: string | undefined, region: string): Promise<void> => {
    if (name === undefined || !isRoleName(name)) return
    const { iam } = ahead(region)
    await Promise.allSettled([iam.send(new GetRoleCommand({ RoleName: name })), inlinePolicyOf(iam, 'Role', name, POLICY_NAME)])
  }
  if (request.by === 'role' || request.by === 'session') return role(request.roleName, home)
  if (request.by === 'list' || request.by === 'user') return undefined
  if (request.by === 'instance-id') {
    const { rolesIssuedTo } = await import('../../response/stages/find-finding/reports.ts')
    const issued = await Promise.any(
      regions.map(async (region) => someOf(await rolesIssuedTo(request.instanceId, ahead(region).cloudtrail))),
    )
    return role(issued[0], home)
  }
  const asking = { aws: ahead, regions, progress: () => {} }
  const inRegion = async (region: string): Promise<readonly Finding[]> => {
    const found = await search(request, { ...asking, regions: [region] }, { unreadable: [], notRead: [] })
    if (found.length === 0) throw new Error(`nothing in ${region}`)
    return found.map(({ finding }) => finding)
  }
  const inCloudTrail = (accessKeyId: string) => async (region: string) => {
    const { reportedKey } = await import('../../response/stages/find-finding/reported-key.ts')
    const { found } = await reportedKey(accessKeyId, { ...asking, regions: [region] })
    if (!found) throw new Error(`no call with the key in ${region}`)
    return [{ ...found.finding, region: home }]
  }
  const searches = () => [
    ...(findingArnOf(nameOf(request)) ? [home] : regions).map(inRegion),
    ...(request.by === 'access-key-id' ? regions.map(inCloudTrail(request.accessKeyId)) : []),
  ]
  const found =
    request.by === 'file'
      ? findingsInText(request.text, request.name).flatMap((raw) => readable(raw, request.accessKeyId) ?? [])
      : // The first Region that has it; one that is not enabled refuses.
        await Promise.any(searches())
  const names = new Set(found.map(({ userName, userType }) => (userType === 'IAMUser' ? undefined : userName)))
  const [finding] = found
  if (finding && names.size === 1) await role([...names][0], finding.region)
}

/** Rejects where there is none, so that another Region may win. */
const someOf = <T>(items: readonly T[]): readonly T[] => {
  if (items.length === 0) throw new Error('there is none')
  return items
}

const nameOf = (request: Request): string => (request.by === 'finding-id' ? request.id : '')
