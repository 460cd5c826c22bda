import type { Activity } from '../../incident/facts/activity.ts'
import type { DigestCheck, LoggingGap, SourceCoverage, TrailChange } from '../../incident/facts/coverage.ts'
import { type Block, fields, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { quantity, SHOWN } from './listing.ts'

/** What the records cover, and what they do not: nothing can be said of what was not recorded or not read. */
export const coverageBlocks = ({ coverage, dataEvents }: Activity): readonly Block[] => {
  if (!coverage) return []
  const { accounts, regions, firstRecord, lastRecord, gaps, gapsOfAll, missingDigests, mentionedIn, digestCheck } = coverage
  return [
    fields(
      accounts.length > 0 ? ['accounts', shortList(accounts)] : undefined,
      regions.length > 0 ? ['Regions', shortList(regions)] : undefined,
      firstRecord && lastRecord
        ? ['records', [{ at: firstRecord }, ' to ', { at: lastRecord }, coverage.isSpanExact ? '' : OF_FILES]]
        : undefined,
      ['data events', dataEventsLine(dataEvents > 0 || coverage.hasDataEvents)],
      ['left out', leftOutLine(coverage)],
    ),
    ...(coverage.notCovered ?? []).map((sentence) => text(`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`)),
    ...(gaps.length > 0 ? [warning('A trail was switched off:'), list(shown(gaps.map(gapLine)))] : []),
    ...(gapsOfAll ? [] : [text('Whether others switched trails off was not looked for.')]),
    ...(missingDigests.length > 0
      ? [
          warning('Digest files are missing, so log files may be missing too:'),
          list(shown(missingDigests.map(({ trail, from, until }): Line => [`${trail}, `, { at: from }, ' to ', { at: until }]))),
        ]
      : []),
    ...(mentionedIn.length > 0
      ? [
          text(`The name stands in ${quantity(mentionedIn.length, 'file')} from which no call of it was counted:`),
          list(shown([...mentionedIn])),
        ]
      : []),
    ...(digestCheck ? digestBlocks(digestCheck) : []),
  ]
}

const OF_FILES = ', by the first and last record of each file'

const shown = (lines: readonly Line[]): readonly Line[] =>
  lines.length > SHOWN ? [...lines.slice(0, SHOWN), `${lines.length - SHOWN} more; --json has all`] : lines

const shortList = (names: readonly string[]): string =>
  names.length > SHOWN ? `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more` : names.join(', ')

const dataEventsLine = (isRecorded: boolean | undefined): string => {
  if (isRecorded === undefined) return 'none of it; whether there are others was not looked for'
  return isRecorded
    ? 'there are some: whether for every bucket, function and table, the trail’s event selectors tell'
    : 'none were seen: a read of an object, a function’s call or an item’s read is probably not recorded'
}

const leftOutLine = ({ beside: { digest, insight, aggregated }, filesOutOfRange }: SourceCoverage): string => {
  const parts = [
    ...(digest > 0 ? [quantity(digest, 'digest file')] : []),
    ...(insight > 0 ? [`${quantity(insight, 'file')} of Insights events`] : []),
    ...(aggregated > 0 ? [`${quantity(aggregated, 'file')} of aggregated events`] : []),
    ...(filesOutOfRange > 0 ? [`${quantity(filesOutOfRange, 'file')} outside the time range, by name`] : []),
  ]
  return parts.length === 0 ? 'nothing' : `${parts.join(', ')}: they hold no calls that are asked for`
}

const gapLine = ({ stopped, started }: LoggingGap): Line => [
  ...changeSpans(stopped),
  ...(started ? ['; on again: ', ...changeSpans(started)] : ['; no record of a start was read']),
]

const changeSpans = ({ at, eventName, trail, by, eventId }: TrailChange): readonly Span[] => [
  { at },
  ` ${eventName} of trail `,
  trail,
  ' by ',
  by,
  `, event ${eventId}`,
]

const digestBlocks = ({ digests, logFiles, signatures, problems, notVerified, method }: DigestCheck): readonly Block[] => [
  text(
    `Digests: ${quantity(digests, 'digest file')} with ${quantity(logFiles, 'log file')} compared, ${quantity(signatures, 'signature')} verified. ${method}`,
  ),
  ...(notVerified.length > 0 ? [list(shown(notVerified))] : []),
  ...(problems.length > 0 ? [warning('Missing or changed:'), list(shown(problems))] : []),
]
