/** Random lower-case hexadecimal digits, from the account's own randomness: the tail of EC2's identifiers. */
export const hexFrom = (random: () => number, length: number): string =>
  Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')
