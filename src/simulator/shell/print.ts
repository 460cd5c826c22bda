import { SECOND_MS } from '../../incident/values/duration.ts'
import type { CommandOutcome, Invocation } from './command.ts'
import { readOptions } from './options.ts'
import { unescaped } from './text.ts'

/** dash's echo: it knows `-n` and no `-e`, and always takes backslash escapes; `\c` ends the output. */
export const echo = ({ args }: Invocation): CommandOutcome => {
  const isBare = args[0] === '-n'
  const text = args.slice(isBare ? 1 : 0).join(' ')
  const cut = [...text.matchAll(/\\[\s\S]/g)].find(([found]) => found === '\\c')?.index
  const shown = unescaped(text.slice(0, cut).replace(/\\0([0-7]{1,3})/g, '\\$1'))
  return { status: 0, out: isBare || cut !== undefined ? shown : `${shown}\n` }
}

interface Printed {
  out: string
  complaint?: string
}

const printDirective = (directive: string, values: string[], printed: Printed): boolean => {
  if (directive === '%%') printed.out += '%'
  else if (directive === '%s') printed.out += values.shift() ?? ''
  else if (directive === '%d') {
    const value = values.shift() ?? '0'
    const isNumber = /^\s*[+-]?\d{1,18}$/.test(value)
    printed.out += isNumber ? String(BigInt(value.trim().replace(/^\+/, ''))) : '0'
    if (!isNumber) printed.complaint = `printf: ${value}: expected numeric value`
  } else {
    printed.complaint = `printf: ${directive}: invalid directive`
    return false
  }
  return true
}

/** `printf` with %s, %d and %%: the format is used again while there are values left. */
export const printf = ({ args: [format, ...values], spendMatching }: Invocation): CommandOutcome => {
  if (format === undefined) return { status: 2, complaint: 'printf: usage: printf format [arg ...]' }
  const pieces = format.split(/(%[^A-Za-z%]*[A-Za-z%]?)/)
  const printed: Printed = { out: '' }
  let left: number
  do {
    left = values.length
    for (const [index, piece] of pieces.entries()) {
      const before = printed.out.length
      if (index % 2 === 0) printed.out += unescaped(piece)
      else if (!printDirective(piece, values, printed)) return { status: 2, ...printed }
      spendMatching(printed.out.length - before)
    }
  } while (values.length > 0 && values.length < left)
  return { status: printed.complaint === undefined ? 0 : 1, ...printed }
}

const DATE_FIELDS: Readonly<Record<string, (iso: string) => string>> = {
  Y: (iso) => iso.slice(0, 4),
  m: (iso) => iso.slice(5, 7),
  d: (iso) => iso.slice(8, 10),
  H: (iso) => iso.slice(11, 13),
  M: (iso) => iso.slice(14, 16),
  S: (iso) => iso.slice(17, 19),
  F: (iso) => iso.slice(0, 10),
  T: (iso) => iso.slice(11, 19),
  s: (iso) => String(Math.floor(Date.parse(iso) / SECOND_MS)),
}

/** The instance's clock, always in UTC: as date prints it, or by a `+%Y-%m-%dT%H:%M:%SZ` format. */
export const date = ({ args, host }: Invocation): CommandOutcome => {
  const { operands, unfit } = readOptions(args, { flags: 'u' })
  const moment = new Date(host.now ?? '1970-01-01T00:00:00Z')
  const [format] = operands
  if (unfit !== undefined || (format !== undefined && !format.startsWith('+'))) {
    return { status: 1, err: `date: invalid date '${unfit ?? format}'\n` }
  }
  const [weekday = '', day = '', month = '', year = '', time = ''] = moment.toUTCString().replace(',', '').split(' ')
  if (format === undefined) return { status: 0, out: `${weekday} ${month} ${day.replace(/^0/, ' ')} ${time} UTC ${year}\n` }
  const iso = moment.toISOString()
  return {
    status: 0,
    out: `${format.slice(1).replace(/%([YmdHMSFTs])/g, (_all, field: string) => DATE_FIELDS[field]?.(iso) ?? '')}\n`,
  }
}

const UNAME: Readonly<Record<string, string>> = { s: 'Linux', r: '6.8.0-1021-aws', m: 'x86_64' }

/** The kernel's name (`-s`), release (`-r`) and machine (`-m`). */
export const uname = ({ args }: Invocation): CommandOutcome => {
  const { flags, unfit } = readOptions(args, { flags: 'srma' })
  if (unfit !== undefined) return { status: 1, err: `uname: invalid option '${unfit}'\n` }
  const shown = flags.has('a') ? ['s', 'r', 'm'] : flags.size === 0 ? ['s'] : ['s', 'r', 'm'].filter((name) => flags.has(name))
  return { status: 0, out: `${shown.map((name) => UNAME[name]).join(' ')}\n` }
}
