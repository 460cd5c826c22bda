import { cloudTrailSet } from './cloudtrail-set.ts'
import type { BenchSettings } from './settings.ts'

/** Accounts with little traffic have files of some tens of events, busy ones of thousands. */
export const EVENTS_A_FILE = [2_000, 50] as const

/** A set of log files, made when it is not there yet. */
export const setFor = ({ sets, progress }: BenchSettings, events: number, eventsAFile: number): Promise<string> => {
  const files = Math.max(1, Math.round(events / eventsAFile))
  progress(`log files: ${events} events in ${files} files`)
  return cloudTrailSet(sets, events, files)
}
