import { wholeList } from '../../../aws/pager.ts'
import { ListCrlsCommand, ListTrustAnchorsCommand } from '../../../aws/roles-anywhere-client.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import { recipientOf } from '../../../incident/facts/recipient.ts'
import type { RoleSession } from '../../../incident/facts/subject.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import { given } from '../../../incident/values/given.ts'
import { instantOf, isBefore, wholeSecond } from '../../../incident/values/instant.ts'
import type { AnywhereAnchor, AnywhereCrl } from '../../../incident/values/roles-anywhere-model.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { type Closing, closedAt, type FoundWay } from './way.ts'

const KIND = 'certificate'

/**
 * The stolen certificate itself, which IAM Roles Anywhere names the session after. It is good for every enabled profile until its authority
 * revokes it and the list of what that revoked is imported ("Revocation in IAM Roles Anywhere"), or until no trust anchor takes it. A list
 * is signed by the authority, which ir-cred is not: both are yours to do, and each run looks.
 */
export const certificateWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const { subject } = incident.facts
  if (subject.kind !== 'role-session' || recipientOf(subject).kind !== 'roles-anywhere') return []
  const region = subject.issue?.record?.region ?? subject.region
  const unread: Unread = []
  const anchors = await listed(unread, 'ListTrustAnchors', () => anchorsIn(region, context))
  const crls = await listed(unread, 'ListCrls', () => crlsIn(region, context))
  const serial = subject.sessionName
  const way = { kind: KIND, resource: `certificate/${serial}`, what: `certificate ${delimited(serial)}` } as const
  const enabled = anchors?.filter(isEnabled)
  if (enabled?.length === 0) {
    const at = closedAt(incident, way, 'rolesanywhere:DisableTrustAnchor', context.now())
    return [
      { way: { ...way, ...at, state: 'closed', says: `is taken by no enabled trust anchor in ${region}, as they are listed` } },
    ]
  }
  if (!enabled || !crls) return [{ way: { ...way, state: 'unknown', says: `may not be revoked: ${unread.join('; ')}` } }]
  const newer = crls.filter((crl) => isNewer(crl, subject) && enabled.some((one) => one.trustAnchorArn === crl.trustAnchorArn))
  return [
    {
      way: {
        ...way,
        ...(newer.length > 0 ? perhapsRevoked(enabled, newer, region) : notRevoked(serial, enabled, region, context)),
      },
    },
  ]
}

const isEnabled = ({ enabled = true }: Pick<AnywhereAnchor, 'enabled'>): boolean => enabled

const listed = <T>(unread: Unread, operation: string, read: () => Promise<readonly T[]>) =>
  readOr(unread, { what: 'whether it is revoked', operation: `rolesanywhere:${operation}`, otherwise: undefined }, read)

const anchorsIn = (region: string, context: Context): Promise<readonly AnywhereAnchor[]> =>
  wholeList(`trust anchors in ${region}`, async (nextToken) => {
    const page = await context.aws(region).rolesanywhere.send(new ListTrustAnchorsCommand(given({ nextToken })))
    return { items: page.trustAnchors, next: page.nextToken }
  })

const crlsIn = (region: string, context: Context): Promise<readonly AnywhereCrl[]> =>
  wholeList(`revocation lists in ${region}`, async (nextToken) => {
    const page = await context.aws(region).rolesanywhere.send(new ListCrlsCommand(given({ nextToken })))
    return { items: page.crls, next: page.nextToken }
  })

const changeOf = ({ updatedAt, createdAt }: AnywhereCrl) => {
  const at = updatedAt ?? createdAt
  return at === undefined ? undefined : instantOf(at)
}

/** Whether a list that is in force was imported after the session was issued: an older one cannot name what was stolen since. */
const isNewer = (crl: AnywhereCrl, { issue, issuedAt }: RoleSession): boolean => {
  const [at, stolenAt] = [changeOf(crl), issue?.record?.at ?? issuedAt]
  return isEnabled(crl) && at !== undefined && stolenAt !== undefined && isBefore(stolenAt, at)
}

/** The lists are not read, so that whether one names the certificate is not said. */
const perhapsRevoked = (enabled: readonly AnywhereAnchor[], newer: readonly AnywhereCrl[], region: string) => {
  const newest = newer
    .flatMap((crl) => changeOf(crl) ?? [])
    .sort()
    .at(-1)
  const covered = new Set(newer.map(({ trustAnchorArn }) => trustAnchorArn)).size
  const anchors = `${covered} of ${enabled.length} enabled trust ${enabled.length === 1 ? 'anchor' : 'anchors'}`
  return {
    state: 'unknown' as const,
    says: `is perhaps revoked: ${anchors} in ${region} has a revocation list from after the session was issued, the newest of ${newest ? wholeSecond(newest) : 'an unknown time'}. ir-cred does not read which certificates a list names: look for the serial number in it`,
  }
}

const notRevoked = (serial: string, enabled: readonly AnywhereAnchor[], region: string, context: Context) => {
  const aws = awsCommandFor(context.setting)
  const [only, another] = enabled
  const one = another === undefined ? only : undefined
  const anchors = enabled.map(({ name = '', trustAnchorId = '' }) => `${delimited(name)} (${trustAnchorId})`).join(', ')
  const name = `revoked-${serial.replace(/[^\w-]/g, '').slice(0, 64)}`
  const command =
    one?.trustAnchorArn &&
    aws(
      `rolesanywhere import-crl --name ${name} --crl-data fileb://crl.pem --enabled --trust-anchor-arn ${shellWord(one.trustAnchorArn)}`,
      region,
    )
  const disable = one?.trustAnchorId
    ? `, or shut out every machine of it: \`${aws(`rolesanywhere disable-trust-anchor --trust-anchor-id ${shellWord(one.trustAnchorId)}`, region)}\``
    : ''
  return {
    state: 'open' as const,
    says: `is good for every enabled profile until it is revoked, and no revocation list in ${region} is newer than its session. Let its authority revoke it (trust anchor ${anchors}), then import the authority’s list${disable}`,
    ...given({ command: command || undefined }),
  }
}
