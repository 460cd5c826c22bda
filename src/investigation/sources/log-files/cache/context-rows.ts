import { rawText } from '../../../../incident/values/untrusted.ts'
import type { Api } from '../../../analysis/call-totals.ts'
import { causeOf } from '../../../analysis/cause-events.ts'
import { TRAIL_CHANGES } from '../../../analysis/logging-gaps.ts'
import { mayWriteDocument } from '../../../persistence/policy-documents.ts'
import { mayBeUndoEvent } from '../../../persistence/rules.ts'
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

/** What a record is about by its request, and not by its caller: a resource by its name, a role by its trust policy. */
const IN_REQUESTS: ReadonlySet<PrincipalRef['kind']> = new Set(['resource', 'trust'])

/** Whether records of a principal of this kind are found by their callers. */
export const isFoundByCaller = ({ kind }: PrincipalRef): boolean => !IN_REQUESTS.has(kind)

/** Tells by the numbers in a row whether its record may be about one of these, which no caller is. */
export const mayBeInRequest = (
  reading: SegmentReading,
  principals: readonly PrincipalRef[],
): ((rows: Buffer, start: number) => boolean) => {
  const kinds = new Set(principals.map(({ kind }) => kind))
  const calls = flagsOf(entriesIn(reading, 'callStarts'), (number) => {
    const { eventName } = callOf(reading, number) as unknown as Api
    return (
      (kinds.has('resource') && (mayBeUndoEvent(eventName) || mayWriteDocument(eventName))) ||
      (kinds.has('trust') && eventName.startsWith('AssumeRole'))
    )
  })
  return (rows, start) => calls[rows.readUInt32LE(start + ROW.call)] === 1
}

const flagsOf = (length: number, isSet: (number: number) => boolean): Uint8Array =>
  Uint8Array.from({ length }, (_, number) => (isSet(number) ? 1 : 0))
