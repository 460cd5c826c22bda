import type { CommandOutcome, Invocation } from './command.ts'

type Verdict = boolean | { readonly complaint: string }

const numberOf = (text: string): number | undefined => (/^\s*[+-]?\d{1,15}\s*$/.test(text) ? Number(text) : undefined)

const NUMERIC: ReadonlyMap<string, (left: number, right: number) => boolean> = new Map(
  Object.entries({
    '-eq': (left: number, right: number) => left === right,
    '-ne': (left: number, right: number) => left !== right,
    '-gt': (left: number, right: number) => left > right,
    '-ge': (left: number, right: number) => left >= right,
    '-lt': (left: number, right: number) => left < right,
    '-le': (left: number, right: number) => left <= right,
  }),
)

const compare = (left: string, operator: string, right: string): Verdict => {
  if (operator === '=') return left === right
  if (operator === '!=') return left !== right
  const holds = NUMERIC.get(operator)
  if (!holds) return { complaint: `${operator}: unexpected operator` }
  const [first, second] = [numberOf(left), numberOf(right)]
  if (first === undefined || second === undefined) return { complaint: `Illegal number: ${first === undefined ? left : right}` }
  return holds(first, second)
}

const ask = (operator: string, operand: string): Verdict => {
  if (operator === '-n') return operand !== ''
  if (operator === '-z') return operand === ''
  // There are no files on the simulated instance.
  return /^-[bcdefghkLprsSuwx]$/.test(operator) ? false : { complaint: `${operator}: unexpected operator` }
}

const judge = (args: readonly string[]): Verdict => {
  const [first = '', second = '', third = ''] = args
  if (args.length <= 1) return first !== ''
  if (args.length === 3 && (second === '=' || second === '!=' || NUMERIC.has(second))) return compare(first, second, third)
  if (first === '!') {
    const verdict = judge(args.slice(1))
    return typeof verdict === 'boolean' ? !verdict : verdict
  }
  if (args.length === 2) return ask(first, second)
  return args.length === 3 ? compare(first, second, third) : { complaint: `${second}: unexpected operator` }
}

const outcomeOf = (name: string, args: readonly string[]): CommandOutcome => {
  const verdict = judge(args)
  if (typeof verdict === 'boolean') return { status: verdict ? 0 : 1 }
  return { status: 2, complaint: `${name}: ${verdict.complaint}` }
}

/** test: exit code 0 when the condition holds, 1 when not, 2 for one it cannot read. */
export const test = ({ args }: Invocation): CommandOutcome => outcomeOf('test', args)

/** The same, written `[ … ]`. */
export const bracket = ({ args }: Invocation): CommandOutcome =>
  args.at(-1) === ']' ? outcomeOf('[', args.slice(0, -1)) : { status: 2, complaint: '[: missing ]' }
