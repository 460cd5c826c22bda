import type { AnywhereAnchor, AnywhereCrl, AnywhereProfile } from '../../incident/values/roles-anywhere-model.ts'
import type { Account } from '../account/account.ts'
import { roleArn } from '../account/arns.ts'
import type { CertificateProfile } from '../account/holdings.ts'
import { regional } from '../account/regional.ts'
import { timeIn } from '../agenda.ts'
import { ServiceError } from '../call.ts'
import { pageOf } from '../page.ts'
import { operation, type Service } from '../service.ts'

const anywhereArn = ({ partition, region, id }: Account, profileId: string): string =>
  `arn:${partition}:rolesanywhere:${region}:${id}:profile/${profileId}`

const notFound = (what: string): ServiceError => new ServiceError('ResourceNotFoundException', `${what} not found.`, 404)

interface OfProfile {
  readonly profileId: string
}

const profileIn = (account: Account, { profileId }: OfProfile): CertificateProfile => {
  const profile = account.certificateProfiles.get(profileId)
  if (!profile) throw notFound('Profile')
  return profile
}

const profileAnswer = (account: Account, profile: CertificateProfile): AnywhereProfile => ({
  ...{ profileId: profile.id, profileArn: anywhereArn(account, profile.id), name: profile.name },
  ...{ enabled: profile.enabled, roleArns: profile.roleNames.map((name) => roleArn(account, name)) },
  ...{ createdAt: new Date(profile.createdAt), updatedAt: new Date(profile.updatedAt) },
})

interface AnywhereListing {
  readonly nextToken?: string
  readonly pageSize?: number
}

const listProfiles = operation<AnywhereListing, { profiles: AnywhereProfile[]; nextToken?: string }>({
  run: (account, { nextToken: token, pageSize = 100, ...boundTo }) => {
    const page = pageOf({
      items: [...account.certificateProfiles.values()],
      keyOf: ({ id }) => id,
      token,
      boundTo,
      size: Math.min(pageSize, account.behaviour.pageSize),
      refuse: () => new ServiceError('ValidationException', 'Invalid nextToken.'),
    })
    const profiles = page.items.map((profile) => profileAnswer(account, profile))
    return page.nextToken === undefined ? { profiles } : { profiles, nextToken: page.nextToken }
  },
  writes: false,
})

/** An operation on one profile. `enabled` is what it is set to; absent: it is only read. */
const onProfile = (name: string, enabled?: boolean) =>
  operation<OfProfile, { profile: AnywhereProfile }>({
    authorize: (account, { profileId }) => [{ action: `rolesanywhere:${name}`, resource: anywhereArn(account, profileId) }],
    run: (account, input) => {
      const profile = profileIn(account, input)
      if (enabled !== undefined) Object.assign(profile, { enabled, updatedAt: timeIn(account) })
      return { profile: profileAnswer(account, profile) }
    },
    writes: enabled !== undefined,
  })

const anchorArn = ({ partition, region, id }: Account, anchorId: string): string =>
  `arn:${partition}:rolesanywhere:${region}:${id}:trust-anchor/${anchorId}`

const listTrustAnchors = operation<AnywhereListing, { trustAnchors: AnywhereAnchor[] }>({
  run: (account) => ({
    trustAnchors: [...account.trustAnchors.values()].map(({ id, name, enabled }) => ({
      ...{ trustAnchorId: id, trustAnchorArn: anchorArn(account, id), name, enabled },
    })),
  }),
  writes: false,
})

const listCrls = operation<AnywhereListing, { crls: AnywhereCrl[] }>({
  run: (account) => ({
    crls: [...account.trustAnchors.values()].flatMap(({ id, revocations }) =>
      revocations
        ? [
            {
              ...{ crlId: id, enabled: true, trustAnchorArn: anchorArn(account, id) },
              ...{ createdAt: new Date(revocations.importedAt), updatedAt: new Date(revocations.importedAt) },
            },
          ]
        : [],
    ),
  }),
  writes: false,
})

/** IAM Roles Anywhere, as far as somebody shuts a stolen certificate out. Trust anchors and revocation lists are listed, and not changed by a call. */
export const rolesAnywhere: Service = regional({
  ListProfiles: listProfiles,
  GetProfile: onProfile('GetProfile'),
  DisableProfile: onProfile('DisableProfile', false),
  EnableProfile: onProfile('EnableProfile', true),
  ListTrustAnchors: listTrustAnchors,
  ListCrls: listCrls,
})
