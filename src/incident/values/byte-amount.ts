const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes as they are said: `1.2 GB`, in powers of a thousand. */
export const byteAmount = (bytes: number): string => {
  let amount = bytes
  let unit = 0
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000
    unit += 1
  }
  const digits = unit === 0 || amount >= 99.5 ? 0 : 1
  return `${amount.toFixed(digits)} ${UNITS[unit]}`
}
