/** The name of a Region by its form, in every partition: us-east-1, us-gov-west-1, eusc-de-east-1. It says nothing on whether the Region exists. */
export const REGION = /^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}$/

/** The last word of every Region's name says where it lies. */
const DIRECTIONS = ['east', 'west', 'north', 'south', 'central', 'northeast', 'northwest', 'southeast', 'southwest'] as const

/** As many letters may be wrong, missing, too many or exchanged in a word that was mistyped. */
const SLIPS = 2

/**
 * What somebody probably meant by the name of a Region that lies in no direction, such as us-east-1 for us-esat-1; an empty text
 * where it is like none. Undefined for a name that may be right, which one of a new Region is too.
 */
export const meantRegion = (name: string): string | undefined => {
  const [, before = '', word = '', number = ''] = /^(.+-)([a-z]+)(-\d+)$/.exec(name) ?? []
  if (DIRECTIONS.some((direction) => direction === word)) return undefined
  const [nearest] = DIRECTIONS.map((direction) => ({ direction, slips: slipsBetween(word, direction) })).toSorted(
    (a, b) => a.slips - b.slips,
  )
  return nearest && word !== '' && nearest.slips <= SLIPS ? `${before}${nearest.direction}${number}` : ''
}

/** How many letters have to be changed, taken out, put in or exchanged with their neighbour ("optimal string alignment"). */
const slipsBetween = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i += 1) {
    rows[i] = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const exchanged = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY
      rows[i]?.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, exchanged))
    }
  }
  return at(a.length, b.length)
}
