import type { RevokeForm } from '../incident/entry.ts'
import { codePoint, neutralForeign } from '../incident/values/delimited.ts'
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '../incident/values/duration.ts'
import { Failure } from '../incident/values/failure.ts'
import { looksLikeSecret } from '../incident/values/quoted.ts'
import { meantRegion, REGION } from '../incident/values/region.ts'
import type { ScriptedAnswer } from '../terminal/flag-responder.ts'
import type { ConnectionRequest } from './connection/connection-request.ts'

/** What all commands share, as commander parses it. */
export interface CommonOptions {
  readonly region?: readonly string[]
  readonly allRegions?: boolean
  readonly profile?: string
  /** Of the account that administers the Detective graph, where that is another one. */
  readonly detectiveProfile?: string
  readonly assumeRole?: string
  readonly endpointUrl?: string
  readonly stateDir?: string
  readonly json?: boolean
  readonly plain?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

/** Where CloudTrail's records can be counted in SQL, as commander parses it. */
export interface SqlOptions {
  /** `database.table` of CloudTrail logs. */
  readonly athena?: string
  readonly athenaWorkgroup?: string
  readonly athenaOutput?: string
  /** The id or ARN of an event data store. */
  readonly lake?: string
  readonly maxBytes?: number
}

/** What the commands that walk the runbook share. */
export interface RunOptions extends CommonOptions {
  readonly incident?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly approve?: readonly string[]
  readonly skip?: readonly string[]
  readonly answers?: string
  /** commander's spelling of --no-input: false when nobody is to be asked. */
  readonly input?: boolean
  readonly proofWait?: number
  /** Archive the finding once everything is confirmed. */
  readonly archive?: boolean
  /** What the deny is to reach. */
  readonly revoke?: RevokeForm
}

/** How the output is to look. */
export interface OutputRequest {
  readonly json: boolean
  readonly plain: boolean
  readonly quiet: boolean
  readonly verbose: boolean
}

/** How a run of the runbook is to go. */
export interface RunSettings {
  readonly dryRun: boolean
  /** Stages that are left out. */
  readonly skip: readonly string[]
  /** Seconds to wait for CloudTrail's proof; undefined for the usual time. */
  readonly proofWait: number | undefined
  /** Seconds to wait for a finding. */
  readonly findingWait: number
  /** Whether the finding is archived once everything is confirmed. */
  readonly archive: boolean
  /** What the deny is to reach; undefined for what the journal says, or every older session. */
  readonly revoke: RevokeForm | undefined
}

/** What the command line answers beforehand. */
export interface AnswerRequest {
  readonly yes: boolean
  /** Stages that are approved. */
  readonly approve: readonly string[]
  readonly skip: readonly string[]
  /** The answers file, stage or question → answer. */
  readonly scripted: Readonly<Record<string, ScriptedAnswer>> | undefined
}

export const answerRequestOf = (
  { yes = false, approve = [], skip = [] }: RunOptions,
  scripted: AnswerRequest['scripted'],
): AnswerRequest => ({ yes, approve, skip, scripted })

export const outputRequestOf = ({ json, plain, quiet, verbose }: CommonOptions): OutputRequest => ({
  json: json ?? false,
  plain: plain ?? false,
  quiet: quiet ?? false,
  verbose: verbose ?? false,
})

export const connectionRequestOf = (options: CommonOptions): ConnectionRequest => {
  const { region = [], allRegions, profile, detectiveProfile, assumeRole, endpointUrl } = options
  return { regions: region, allRegions, profile, detectiveProfile, assumeRole, endpointUrl }
}

export const runSettingsOf = ({
  dryRun = false,
  skip = [],
  proofWait,
  wait = 0,
  archive = false,
  revoke,
}: RunOptions & WaitOption): RunSettings => ({
  dryRun,
  skip,
  proofWait,
  findingWait: wait,
  archive,
  revoke,
})

interface WaitOption {
  readonly wait?: number
}

/** Options that say in which account an incident is, and which one: a drill has its own. As commander spells them. */
export const ACCOUNT_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['region', '--region'],
  ['allRegions', '--all-regions'],
  ['profile', '--profile'],
  ['assumeRole', '--assume-role'],
  ['endpointUrl', '--endpoint-url'],
  ['incident', '--incident'],
])

const UNITS: Readonly<Record<string, number>> = { s: 1, m: MINUTE_SECONDS, min: MINUTE_SECONDS, h: HOUR_SECONDS, d: DAY_SECONDS }

/** Seconds of a duration such as `90s`, `15m`, `2h`, or a plain number of seconds. Throws Failure usage. */
export const parseDuration = (text: string): number => {
  const match = /^(\d{1,7})\s*(s|m|min|h|d)?$/.exec(text.trim())
  if (match) return Number(match[1]) * (UNITS[match[2] ?? 's'] ?? 1)
  throw new Failure({ kind: 'usage', what: `"${printable(text)}" is not a duration`, remedy: 'write it as 90s, 15m or 2h' })
}

interface NumberForm {
  readonly least: number
  readonly most: number
  readonly example: string
  readonly whole?: boolean
}

/** Reads an option's value as a number within bounds. Throws Failure usage. */
export const numberFor =
  (flag: string, { least, most, example, whole = false }: NumberForm) =>
  (text: string): number => {
    const number = /^\d{1,16}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most && (!whole || Number.isInteger(number))) return number
    throw new Failure({
      kind: 'usage',
      what: `${flag} "${printable(text)}" is not a ${whole ? 'whole ' : ''}number from ${least} to ${most}`,
      remedy: `write it as ${flag} ${example}`,
    })
  }

/** How fast a simulated account's time passes: `fast` (60 times real time), `real`, or a number between. Throws Failure usage. */
export const parsePace = (text: string): number => {
  if (text === 'fast') return FASTEST
  if (text === 'real') return 1
  const number = /^\d{1,2}(\.\d{1,3})?x?$/.test(text) ? Number.parseFloat(text) : Number.NaN
  if (number >= 1 && number <= FASTEST) return number
  throw new Failure({
    kind: 'usage',
    what: `--pace "${printable(text)}" is neither fast nor real, nor a number from 1 to ${FASTEST}`,
    remedy: 'write it as --pace 10: ten seconds pass there in one of yours',
  })
}

const FASTEST = 60

/** A comma-separated list, added to what was given before: `--skip a,b --skip c`. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
]

/** A place, added to those that were given before: the name of a folder may have a comma in it. */
export const collectPlaces = (place: string, before: readonly string[] = []): readonly string[] => [...before, place]

/** Regions, added to those that were given before. Throws Failure usage for what cannot be the name of one. */
export const collectRegions = (text: string, before?: readonly string[]): readonly string[] => {
  const regions = collect(text, before)
  for (const name of regions) checkRegion(name, '--region')
  return regions
}

/** Refuses what cannot be the name of a Region, wherever it was set. Throws Failure usage, with the one that was probably meant. */
export const checkRegion = (name: string, where: string): string => {
  const meant = REGION.test(name) ? meantRegion(name) : ''
  if (meant === undefined) return name
  throw new Failure({
    kind: 'usage',
    what: `${where} "${printable(name)}" is not a Region`,
    remedy: meant === '' ? 'write it as us-east-1' : `did you mean ${meant}?`,
  })
}

/** Stage ids as given, checked against the runbook's. */
export const checkStages = (given: readonly string[], known: readonly string[], flag: string): void => {
  for (const id of given) {
    if (known.includes(id)) continue
    throw new Failure({
      kind: 'usage',
      what: `${flag} names no stage: "${printable(id)}"`,
      remedy: `the stages are ${known.join(', ')}`,
    })
  }
}

/** Text that somebody typed, safe to be shown back inside quotes of ours: one line of at most 80 characters, and never a secret. */
export const printable = (text: string): string => {
  if (looksLikeSecret(text)) return `(something that looks like a secret, ${text.length} characters, not shown)`
  const { shown, left } = neutralForeign(text, SHOWN)
  return `${shown.replace(/[^ -~␊␠×]/gu, codePoint)}${left === 0 ? '' : '…'}`
}

const SHOWN = 80
