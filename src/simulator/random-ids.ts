/** Random lower-case hexadecimal digits, from the account's own randomness: the tail of EC2's identifiers. */
export const hexFrom = (random: () => number, length: number): string =>
  Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')

const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A unique id of IAM's (`AIDA…` a user, `AROA…` a role, `AGPA…` a group, `ANPA…` a policy): 17 characters after the prefix. */
export const iamIdFrom = (random: () => number, prefix: string): string =>
  prefix + Array.from({ length: 17 }, () => ID_CHARACTERS.charAt(Math.floor(random() * 32))).join('')
