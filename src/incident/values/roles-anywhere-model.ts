/*
 * The operations of IAM Roles Anywhere that ir-cred uses, in the form in which the AWS SDK's clients hold theirs: the client and the
 * simulated service are made from it. Taken from the service's model ("IAM Roles Anywhere API Reference"), of 2018-05-10.
 */

const NAMESPACE = 'com.amazonaws.rolesanywhere'

/** Kinds of shapes and of members, as the SDK numbers them. */
const [LIST, STRUCTURE, OPERATION] = [1, 3, 9] as const
const [TEXT, NUMBER, YES_NO, DATE_TIME] = [0, 1, 2, 5] as const

const structure = (name: string, members: Readonly<Record<string, unknown>>, required = 0) => [
  ...[STRUCTURE, NAMESPACE, name, 0, Object.keys(members), Object.values(members), required],
]

const texts = (name: string) => [LIST, NAMESPACE, name, 0, TEXT]

const operationShape = (name: string, method: string, path: string, input: () => unknown, output: () => unknown) => [
  ...[OPERATION, NAMESPACE, name, { http: [method, path, 200] }, input, output],
]

/** What lets certificates take sessions of certain roles. */
export interface AnywhereProfile {
  readonly profileId?: string | undefined
  readonly profileArn?: string | undefined
  readonly name?: string | undefined
  readonly enabled?: boolean | undefined
  readonly roleArns?: string[] | undefined
  readonly createdAt?: Date | undefined
  readonly updatedAt?: Date | undefined
}

/** Whose certificates are taken. */
export interface AnywhereAnchor {
  readonly trustAnchorId?: string | undefined
  readonly trustAnchorArn?: string | undefined
  readonly name?: string | undefined
  readonly enabled?: boolean | undefined
}

/** A list of certificates that their authority has revoked. The list itself is not read. */
export interface AnywhereCrl {
  readonly crlId?: string | undefined
  readonly enabled?: boolean | undefined
  readonly trustAnchorArn?: string | undefined
  readonly createdAt?: Date | undefined
  readonly updatedAt?: Date | undefined
}

const profile = structure('ProfileDetail', {
  ...{ profileId: TEXT, profileArn: TEXT, name: TEXT, enabled: YES_NO, roleArns: () => texts('RoleArnList') },
  ...{ createdAt: DATE_TIME, updatedAt: DATE_TIME },
})

const label = [TEXT, 1]
const query = (name: string, kind: number) => [kind, { httpQuery: name }]

const listing = structure('ListRequest', { nextToken: query('nextToken', TEXT), pageSize: query('pageSize', NUMBER) })
const ofProfile = structure('ScalarProfileRequest', { profileId: label }, 1)
const profileAnswer = structure('ProfileDetailResponse', { profile: () => profile })
const profilesAnswer = structure('ListProfilesResponse', {
  nextToken: TEXT,
  profiles: () => [LIST, NAMESPACE, 'ProfileDetails', 0, () => profile],
})

export const ListProfiles$ = operationShape(
  'ListProfiles',
  'GET',
  '/profiles',
  () => listing,
  () => profilesAnswer,
)

const onProfile = (name: string, method: string, end = '') =>
  operationShape(
    name,
    method,
    `/profile/{profileId}${end}`,
    () => ofProfile,
    () => profileAnswer,
  )
export const GetProfile$ = onProfile('GetProfile', 'GET')
export const DisableProfile$ = onProfile('DisableProfile', 'POST', '/disable')
export const EnableProfile$ = onProfile('EnableProfile', 'POST', '/enable')

const anchor = structure('TrustAnchorDetail', {
  ...{ trustAnchorId: TEXT, trustAnchorArn: TEXT, name: TEXT, enabled: YES_NO },
  ...{ createdAt: DATE_TIME, updatedAt: DATE_TIME },
})
const anchorsAnswer = structure('ListTrustAnchorsResponse', {
  nextToken: TEXT,
  trustAnchors: () => [LIST, NAMESPACE, 'TrustAnchorDetails', 0, () => anchor],
})
const crl = structure('CrlDetail', {
  ...{ crlId: TEXT, crlArn: TEXT, name: TEXT, enabled: YES_NO, trustAnchorArn: TEXT },
  ...{ createdAt: DATE_TIME, updatedAt: DATE_TIME },
})
const crlsAnswer = structure('ListCrlsResponse', {
  nextToken: TEXT,
  crls: () => [LIST, NAMESPACE, 'CrlDetails', 0, () => crl],
})

export const ListTrustAnchors$ = operationShape(
  'ListTrustAnchors',
  'GET',
  '/trustanchors',
  () => listing,
  () => anchorsAnswer,
)
export const ListCrls$ = operationShape(
  'ListCrls',
  'GET',
  '/crls',
  () => listing,
  () => crlsAnswer,
)
