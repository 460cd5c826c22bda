import { inEveryRegion } from '../../../aws/every-region.ts'
import { isNotFound } from '../../../aws/failure.ts'
import { wholeList } from '../../../aws/pager.ts'
import { DisableProfileCommand, GetProfileCommand, ListProfilesCommand } from '../../../aws/roles-anywhere-client.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import { sourceId } from '../../../incident/facts/access.ts'
import type { SourceCredential } from '../../../incident/facts/issue.ts'
import { recipientOf } from '../../../incident/facts/recipient.ts'
import type { RoleSession } from '../../../incident/facts/subject.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import type { AnywhereProfile } from '../../../incident/values/roles-anywhere-model.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { Context } from '../../stage.ts'
import { trailRegions } from '../cloudtrail-regions.ts'
import { type Closing, closedAt, type FoundWay, isNotOffered, refusedNow } from './way.ts'

const OPERATION = 'rolesanywhere:DisableProfile'

interface Asked {
  readonly subject: RoleSession
  readonly source: SourceCredential
}

/** A profile of IAM Roles Anywhere that names the role. */
interface NamingProfile {
  readonly id: string
  readonly arn: string
  readonly region: string
  readonly name: string
  readonly isEnabled: boolean
  /** The other roles that it names. */
  readonly others: readonly string[]
  readonly answer: AnywhereProfile
}

/**
 * The profiles of IAM Roles Anywhere that name the role, in every Region: whoever holds a certificate that a trust anchor of the account
 * vouches for takes the next session through any of them ("IAM Roles Anywhere: How it works"), not only through the one of the stolen
 * session.
 */
export const anywhereWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const { subject } = incident.facts
  if (subject.kind !== 'role-session' || recipientOf(subject).kind !== 'roles-anywhere') return []
  const [source] = subject.issue?.sources ?? []
  if (!source) return []
  const regions = trailRegions(subject.region, context)
  const look = (region: string) => profilesIn(region, subject, context)
  const { answers, notRead } = await inEveryRegion(regions, 'IAM Roles Anywhere', look)
  const asked = { subject, source }
  const found = answers.flatMap(({ answer }) => answer)
  const unread = notRead.map(({ region, why }) => `rolesanywhere:ListProfiles in ${region} ${why}`)
  const none = found.length === 0 && unread.length === 0 ? [noProfile(incident, asked, context)] : []
  return [
    ...found.map((profile) => profileWay(incident, asked, profile, context)),
    ...none,
    ...(unread.length > 0 ? [notListed(asked, unread, context)] : []),
  ]
}

const profilesIn = async (
  region: string,
  { role, region: home }: RoleSession,
  context: Context,
): Promise<readonly NamingProfile[]> => {
  const client = context.aws(region).rolesanywhere
  try {
    const listed = await wholeList(`profiles of IAM Roles Anywhere in ${region}`, async (token) => {
      const page = await client.send(new ListProfilesCommand(token === undefined ? {} : { nextToken: token }))
      return { items: page.profiles, next: page.nextToken }
    })
    const naming = listed.filter(({ roleArns = [] }) => roleArns.includes(role.arn))
    return (await Promise.all(naming.map((profile) => asItIsNow(profile, region, role.arn, context)))).flat()
  } catch (error) {
    if (isNotOffered(error) && region !== home) return []
    throw error
  }
}

/** The profile as it is read back by itself. */
const asItIsNow = async (
  { profileId = '' }: AnywhereProfile,
  region: string,
  roleArn: string,
  context: Context,
): Promise<readonly NamingProfile[]> => {
  const answer = await readProfile(profileId, region, context)
  if (!answer) return []
  const { profileArn = '', name = '', enabled = true, roleArns = [] } = answer
  const others = roleArns.filter((arn) => arn !== roleArn).map((arn) => arn.split('/').at(-1) ?? arn)
  return [{ id: profileId, arn: profileArn, region, name, isEnabled: enabled, others, answer }]
}

const readProfile = async (profileId: string, region: string, context: Context): Promise<AnywhereProfile | undefined> => {
  try {
    return (await context.aws(region).rolesanywhere.send(new GetProfileCommand({ profileId }))).profile
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const wayOf = ({ source }: Asked, profile: NamingProfile) => ({
  kind: 'roles-anywhere' as const,
  resource: profile.arn,
  what: `profile ${delimited(profile.name)} of IAM Roles Anywhere in ${profile.region}`,
  source: sourceId(source),
})

const profileWay = (incident: Closing, asked: Asked, profile: NamingProfile, context: Context): FoundWay => {
  const way = wayOf(asked, profile)
  const { role } = asked.subject
  if (!profile.isEnabled) {
    const at = closedAt(incident, way, OPERATION, context.now())
    return { way: { ...way, ...at, state: 'closed', says: `is disabled, as it was read back; ${CERTIFICATE}` } }
  }
  const words = `rolesanywhere disable-profile --profile-id ${shellWord(profile.id)}`
  const command = awsCommandFor(context.setting)(words, profile.region)
  const refused = refusedNow(incident, OPERATION, profile.arn)
  const says = `is enabled and names role ${role.name}: whoever holds the certificate takes new sessions`
  if (refused !== undefined)
    return { way: { ...way, state: 'open', says: `${says}; AWS refused ${OPERATION} (${refused})`, command } }
  const effect = disabling(asked, profile, context)
  return {
    way: { ...way, state: 'open', says, command },
    closing: {
      effects: [effect],
      close: async ({ write, aws, keep }) => {
        await keep(`roles-anywhere-profile-before-${profile.id}`, profile.answer)
        await write(aws(profile.region).rolesanywhere, new DisableProfileCommand({ profileId: profile.id }), effect)
      },
    },
  }
}

/** What no setting of the account's changes: the certificate is good for what else takes it. */
const CERTIFICATE = 'the certificate itself stays valid for other profiles until its authority revokes it'

const disabling = ({ subject: { role } }: Asked, { id, arn, region, name, others }: NamingProfile, context: Context): Effect => ({
  operation: OPERATION,
  resource: arn,
  parameters: { profileId: id },
  sentence: `disable profile ${delimited(name)} of IAM Roles Anywhere in ${region}`,
  cost: `no machine takes sessions of role ${role.name} through it any more${
    others.length > 0
      ? `, nor of ${others.length === 1 ? 'role' : 'roles'} ${others.map((other) => delimited(other)).join(', ')}`
      : ''
  }: sessions that are out stay good until they expire or are denied`,
  undo: 'enable it again, once the authority of the stolen certificate has revoked it',
  undoCommand: awsCommandFor(context.setting)(`rolesanywhere enable-profile --profile-id ${shellWord(id)}`, region),
})

/** Every Region was read, and no profile names the role (any more): no certificate takes a session of it. */
const noProfile = (incident: Closing, { subject: { role }, source }: Asked, context: Context): FoundWay => {
  const way = { kind: 'roles-anywhere' as const, resource: role.arn, what: 'IAM Roles Anywhere', source: sourceId(source) }
  const at = closedAt(incident, way, OPERATION, context.now())
  return { way: { ...way, ...at, state: 'closed', says: `has no profile that names role ${role.name}` } }
}

const notListed = ({ subject: { role, region }, source }: Asked, unread: readonly string[], context: Context): FoundWay => ({
  way: {
    ...{ kind: 'roles-anywhere', resource: role.arn, source: sourceId(source), state: 'unknown' },
    what: `which profiles of IAM Roles Anywhere name role ${role.name}`,
    says: `is not known: ${unread.join('; ')}`,
    command: awsCommandFor(context.setting)(
      `rolesanywhere list-profiles --query ${shellWord(`profiles[?contains(roleArns, '${role.arn}')]`)}`,
      region,
    ),
  },
})
