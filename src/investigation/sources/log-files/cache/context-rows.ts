import { rawText } from '../../../../incident/values/untrusted.ts'
import type { Api } from '../../../analysis/call-totals.ts'
import { causeOf } from '../../../analysis/cause-events.ts'
import { TRAIL_CHANGES } from '../../../analysis/logging-gaps.ts'
import type { PrincipalRef } from '../../../question.ts'
import { isTokenIssue } from '../../../record-parameters.ts'
import { ROW } from './segment-layout.ts'
import { callOf, entriesIn, type SegmentReading, sourceOf } from './segment-reader.ts'

/**
 * Tells by the numbers in a row whether its record may be about one of these, or came from one of these addresses: most rows
 * are passed over without their records being read.
 */
export const mayBeContext = (
  reading: SegmentReading,
  about: readonly PrincipalRef[],
): ((rows: Buffer, start: number) => boolean) => {
  const addresses = new Set(about.filter(({ kind }) => kind === 'ip').map(({ value }) => value))
  const areOthers = about.some(({ kind }) => kind !== 'ip' && kind !== 'trail-changes')
  const areTrails = about.some(({ kind }) => kind === 'trail-changes')
  const calls = flagsOf(entriesIn(reading, 'callStarts'), (number) => {
    const call = callOf(reading, number) as unknown as Api
    if (areTrails && TRAIL_CHANGES.includes(call.eventName)) return true
    return areOthers && (isTokenIssue(call.eventName) || causeOf(call) !== undefined)
  })
  const sources = flagsOf(addresses.size === 0 ? 0 : entriesIn(reading, 'sourceStarts'), (number) =>
    addresses.has(rawText(sourceOf(reading, number))),
  )
  return (rows, start) => calls[rows.readUInt32LE(start + ROW.call)] === 1 || sources[rows.readUInt32LE(start + ROW.source)] === 1
}

const flagsOf = (length: number, isSet: (number: number) => boolean): Uint8Array =>
  Uint8Array.from({ length }, (_, number) => (isSet(number) ? 1 : 0))
