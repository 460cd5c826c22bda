import type { Filter } from '@aws-sdk/client-ec2'
import { matchesTokens, wildcardTokens } from '../../authorization/pattern.ts'
import { ServiceError } from '../../call.ts'

/** What a filter's name looks at; undefined values never match. */
export type FilterFields<T> = Readonly<Record<string, (item: T) => readonly (string | number | undefined)[]>>

type TagsOf<T> = (item: T) => Readonly<Record<string, string>>

const fieldOf = <T>(name: string, fields: FilterFields<T>, tagsOf: TagsOf<T> | undefined): FilterFields<T>[string] => {
  const known = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (known) return known
  if (tagsOf && name.startsWith('tag:')) return (item) => [tagsOf(item)[name.slice('tag:'.length)]]
  if (tagsOf && name === 'tag-key') return (item) => Object.keys(tagsOf(item))
  throw new ServiceError('InvalidParameterValue', `The filter '${name}' is invalid`)
}

/**
 * The items that every filter lets through: a filter's values are alternatives, filters are conditions ("Filter the
 * described resources"). `*` and `?` are wildcards, letters count as they are. Throws InvalidParameterValue for an unknown filter.
 */
export const filtered = <T>(
  items: readonly T[],
  filters: readonly Filter[] | undefined,
  fields: FilterFields<T>,
  tagsOf?: TagsOf<T>,
): T[] => {
  const conditions = (filters ?? []).map(({ Name = '', Values = [] }) => {
    const field = fieldOf(Name, fields, tagsOf)
    const patterns = Values.map(wildcardTokens)
    return (item: T): boolean =>
      field(item).some((value) => value !== undefined && patterns.some((pattern) => matchesTokens(pattern, String(value))))
  })
  return items.filter((item) => conditions.every((holds) => holds(item)))
}
