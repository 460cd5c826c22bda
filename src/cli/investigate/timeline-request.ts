import { existsSync, lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { Failure } from '../../incident/values/failure.ts'
import { quotedPath } from '../../incident/values/quoted.ts'
import type { TimelineFormat, TimelineWriting } from '../../investigation/timeline/formats.ts'

/** Where a timeline goes, and how it is written. */
export interface TimelineRequest extends TimelineWriting {
  /** Missing: standard output. */
  readonly file?: string
}

/** The options of a timeline, as commander parses them. */
export interface TimelineOptions {
  /** A file, or `-`; true when the option stands alone. */
  readonly timeline?: string | true
  readonly timelineFormat?: TimelineFormat
  readonly unfold?: boolean
}

const usage = (what: string, remedy: string): Failure => new Failure({ kind: 'usage', what, remedy })

/** Reads the options of a timeline; undefined without one. Throws Failure usage. */
export const timelineRequestOf = (
  { timeline, timelineFormat, unfold = false }: TimelineOptions,
  isJson: boolean,
): TimelineRequest | undefined => {
  if (timeline === undefined) {
    if (timelineFormat === undefined && !unfold) return undefined
    throw usage(
      'a format of the timeline was given without --timeline',
      'give --timeline <file>, or --timeline - for standard output',
    )
  }
  const file = timeline === true || timeline === '-' ? undefined : writable(timeline)
  const format = timelineFormat ?? formatOf(file, isJson)
  if (isJson && file === undefined && format !== 'json')
    throw usage(
      `with --json, standard output holds JSON lines, and the timeline was asked for as ${format}`,
      'name a file with --timeline <file>, or give --timeline-format json',
    )
  return {
    format,
    isCsv: file?.toLowerCase().endsWith('.csv') === true,
    unfolded: unfold,
    ...(file === undefined ? {} : { file }),
  }
}

const formatOf = (file: string | undefined, isJson: boolean): TimelineFormat => {
  if (file === undefined) return isJson ? 'json' : 'text'
  if (/\.csv$/i.test(file)) return 'csv'
  return /\.(?:json|jsonl|ndjson)$/i.test(file) ? 'json' : 'text'
}

/** A folder that is not there was mistyped, and a link may lead anywhere: that is said before anything is read that takes long. */
const writable = (file: string): string => {
  if (!existsSync(dirname(file)))
    throw usage(`there is no folder for the timeline ${quotedPath(file)}`, 'name a file in a folder that is there')
  const there = lstatSync(file, { throwIfNoEntry: false })
  if (there?.isDirectory()) throw usage(`the timeline ${quotedPath(file)} is a folder`, 'name a file in it')
  if (there?.isSymbolicLink())
    throw usage(
      `the timeline ${quotedPath(file)} is a link, and ir-cred writes through none`,
      'name the file itself, or - for standard output',
    )
  return file
}
