import type { AttachedPermissionsBoundary, Group as GroupAnswer, Tag } from '@aws-sdk/client-iam'
import { given } from '../../../incident/values/given.ts'
import type { Account, AccountRole, InstanceProfile, User } from '../../account/account.ts'
import { groupArn } from '../../account/arns.ts'
import type { Group } from '../../account/identities.ts'
import { ServiceError } from '../../call.ts'
import { floorToSecond } from '../../clock.ts'
import { pageOf } from '../../page.ts'

export const noSuchEntity = (message: string): ServiceError => new ServiceError('NoSuchEntity', message, 404)

/** A role by its name. Throws NoSuchEntity. */
export const roleNamed = (account: Account, name: string | undefined): AccountRole => {
  const role = account.roles.get(name ?? '')
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`)
  return role
}

/** An instance profile by its name. Throws NoSuchEntity. */
export const profileNamed = (account: Account, name: string | undefined): InstanceProfile => {
  const profile = account.instanceProfiles.get(name ?? '')
  if (!profile) throw noSuchEntity(`Instance Profile ${name} cannot be found.`)
  return profile
}

/** A user by name. Throws NoSuchEntity. */
export const userNamed = (account: Account, name: string | undefined): User => {
  const user = account.users.get(name ?? '')
  if (!user) throw noSuchEntity(`The user with name ${name} cannot be found.`)
  return user
}

/** A group by name. Throws NoSuchEntity. */
export const groupNamed = (account: Account, name: string | undefined): Group => {
  const group = account.groups.get(name ?? '')
  if (!group) throw noSuchEntity(`The group with name ${name} cannot be found.`)
  return group
}

/** Policy documents leave IAM percent-encoded as in RFC 3986, which is stricter than encodeURIComponent. */
export const encodeDocument = (document: string): string =>
  encodeURIComponent(document).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

export const iamTagList = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

/** The path of a managed policy stands in its ARN only. */
export const policyPath = (arn: string, name: string): string => arn.replace(/^[^/]*/, '').slice(0, -name.length)

export const tagsGiven = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))

/** IAM's times have no fractions of a second. */
export const wholeSecondDate = (ms: number): Date => new Date(floorToSecond(ms))

/** A group as IAM's reads and CreateGroup give it. */
export const groupAnswer = (account: Account, { name, id, path, createdAt }: Group): GroupAnswer => ({
  Path: path,
  GroupName: name,
  GroupId: id,
  Arn: groupArn(account, name),
  CreateDate: wholeSecondDate(createdAt),
})

/** A permissions boundary as GetRole and GetUser give it. */
export const boundaryAnswer = (arn: string): AttachedPermissionsBoundary => ({
  PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
  PermissionsBoundaryArn: arn,
})

interface IamPage<T> {
  readonly items: T[]
  readonly end: { readonly IsTruncated: boolean; readonly Marker?: string }
}

/** One page of a list of IAM's: "IAM might return fewer than MaxItems results, even when there are more". */
export const iamPage = <T>(
  account: Account,
  items: readonly T[],
  keyOf: (item: T) => string,
  { Marker, MaxItems, ...boundTo }: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
): IamPage<T> => {
  const page = pageOf({
    items,
    keyOf,
    boundTo,
    token: Marker,
    size: Math.min(MaxItems ?? 100, account.behaviour.pageSize),
    refuse: () => new ServiceError('ValidationError', 'Invalid Marker.'),
  })
  const { nextToken } = page
  return {
    items: [...page.items],
    end: { IsTruncated: nextToken !== undefined, ...given({ Marker: nextToken }) },
  }
}
