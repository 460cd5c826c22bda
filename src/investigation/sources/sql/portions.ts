/** In as few portions as fit into one query each: every query is paid for by what it reads. One that does not fit alone is a portion. */
export const portionsThatFit = <T>(items: readonly T[], isFit: (some: readonly T[]) => boolean): readonly (readonly T[])[] => {
  for (let count = 1; ; count += 1) {
    const size = Math.ceil(items.length / count)
    const parts = Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
    if (size <= 1 || parts.every(isFit)) return parts.filter(({ length }) => length > 0)
  }
}
