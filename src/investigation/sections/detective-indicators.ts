import type { Indicator } from '../../incident/facts/facts.ts'
import type { Line, Span } from '../../incident/values/block.ts'
import { rawText, type Untrusted, untrusted } from '../../incident/values/untrusted.ts'

/** What an indicator's details are called by; what is taken here is not shown a second time. */
interface Details {
  take(name: string): Untrusted | undefined
  rest(): Indicator['detail']
}

type Phrase = readonly Span[] | undefined

const detailsOf = ({ detail }: Indicator): Details => {
  const left = new Map(detail)
  return {
    take: (name) => {
      const value = left.get(name)
      left.delete(name)
      return value
    },
    rest: () => [...left],
  }
}

const named = (before: string, value: Untrusted | undefined, after = ''): Phrase =>
  value === undefined ? undefined : [before, value, after].filter((span) => span !== '')

const counted = (value: Untrusted | undefined, what: string): Phrase =>
  value === undefined ? undefined : [value, ` ${what} ${rawText(value) === '1' ? 'call' : 'calls'}`]

/** The flag that decides how much a new thing means: known elsewhere in the account, or to nobody in it. */
const newness = (details: Details, whose: string): Phrase => {
  const flag = details.take('IsNewForEntireAccount')
  if (flag === undefined) return undefined
  if (rawText(flag) === 'true') return ['new for the whole account']
  return rawText(flag) === 'false' ? [`new for this ${whose} only`] : ['IsNewForEntireAccount ', flag]
}

const REASONS: Readonly<Record<string, string>> = { AWS_THREAT_INTELLIGENCE: 'flagged by AWS’s threat intelligence' }

const reason = (value: Untrusted | undefined): Phrase => {
  const known = value && REASONS[rawText(value)]
  return known === undefined ? named('flagged: ', value) : [known]
}

const place = (before: string, ip: Untrusted | undefined, location: Untrusted | undefined): Phrase => {
  if (ip === undefined && location === undefined) return undefined
  return [before, ...(ip ? [ip] : ['an unknown address']), ...(location ? [' (', location, ')'] : [])]
}

interface Kind {
  readonly title: string
  readonly say: (details: Details, whose: string) => readonly Phrase[]
}

/** Every type of ListIndicators' API reference, with all of its details. */
const KINDS: Readonly<Record<string, Kind>> = {
  TTP_OBSERVED: {
    title: 'tactic, technique or procedure',
    say: ({ take }) => [
      named('tactic ', take('Tactic')),
      named('technique ', take('Technique')),
      named('procedure ', take('Procedure')),
      named('API ', take('APIName')),
      counted(take('APISuccessCount'), 'successful'),
      counted(take('APIFailureCount'), 'failed'),
      named('from ', take('IpAddress')),
    ],
  },
  IMPOSSIBLE_TRAVEL: {
    title: 'impossible travel',
    say: ({ take }) => [
      place('from ', take('StartingIpAddress'), take('StartingLocation')),
      place('to ', take('EndingIpAddress'), take('EndingLocation')),
      hours(take('HourlyTimeDelta')),
    ],
  },
  FLAGGED_IP_ADDRESS: { title: 'flagged address', say: ({ take }) => [named('', take('IpAddress')), reason(take('Reason'))] },
  NEW_GEOLOCATION: {
    title: 'new location',
    say: (details, whose) => [
      named('', details.take('Location')),
      named('from ', details.take('IpAddress')),
      newness(details, whose),
    ],
  },
  NEW_ASO: {
    title: 'new network',
    say: (details, whose) => [named('', details.take('Aso')), newness(details, whose)],
  },
  NEW_USER_AGENT: {
    title: 'new user agent',
    say: (details, whose) => [named('', details.take('UserAgent')), newness(details, whose)],
  },
  RELATED_FINDING: {
    title: 'related finding',
    say: ({ take }) => [named('', take('Type')), named('from ', take('IpAddress')), named('', take('Arn'))],
  },
  RELATED_FINDING_GROUP: { title: 'related finding group', say: ({ take }) => [named('', take('Id'))] },
}

const hours = (delta: Untrusted | undefined): Phrase =>
  delta === undefined ? undefined : ['within ', delta, rawText(delta) === '1' ? ' hour' : ' hours']

/** What kind of indicator it is; a kind that AWS adds later by AWS's own name. */
export const indicatorTitle = ({ type }: Indicator): Line => KINDS[type]?.title ?? untrusted(type)

/**
 * An indicator with all of its details, in words; those that are not known to this version by their names. `whose` is `role` or
 * `user`: the kind of entity that was investigated.
 */
export const indicatorLine = (indicator: Indicator, whose: 'role' | 'user'): Line => {
  const details = detailsOf(indicator)
  const known = KINDS[indicator.type]?.say(details, whose) ?? []
  const newer = details.rest().map(([name, value]): Phrase => [untrusted(name), ' ', value])
  const phrases = [...known, ...newer].filter((phrase) => phrase !== undefined)
  return phrases.length === 0 ? 'no details' : phrases.flatMap((phrase, index) => (index > 0 ? [', ', ...phrase] : phrase))
}
