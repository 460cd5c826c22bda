import type { Effect, Entry } from '../../src/incident/entry.ts'
import type { Ended, Event } from '../../src/response/ports.ts'
import { at, descriptions, journal, revokeEffect, setting } from './sample-incident.ts'

const NUMBERS: Readonly<Record<string, number>> = {
  'find-finding': 1,
  'revoke-sessions': 4,
  'preserve-evidence': 5,
  'restart-instance': 6,
  'verify-rotation': 7,
  'investigate-session': 8,
  'close-incident': 10,
}

const NEEDED: Readonly<Record<string, readonly Effect[]>> = {
  'revoke-sessions': [revokeEffect],
  'preserve-evidence': [],
  'restart-instance': [],
}

export const ended: Ended = {
  type: 'ended',
  ending: 'completed',
  exitCode: 0,
  incident: 'web-app-1125-7f3a',
  writes: 2,
  unproven: ['nothing after 02:26Z is in CloudTrail yet'],
  alarms: [],
  report: '/state/web-app-1125-7f3a/report.md',
  continueWith: 'ir-cred report web-app-1125-7f3a',
}

const attacker = (clock: string, action: string, refused: boolean): Event => ({
  type: 'actor',
  who: 'attacker',
  at: at(clock),
  action,
  outcome: refused ? 'refused' : 'ok',
  explicit: refused,
})

const began: Event = { type: 'began', at: at('02:02:08'), setting, dryRun: false }

/** What a listener hears of the sample incident, from the first entry to the end. */
export const sampleEvents = (): readonly Event[] => {
  const entered = new Set<string>()
  const heardOf = (entry: Entry): readonly Event[] => {
    const before = 'stage' in entry && !entered.has(entry.stage) ? arrivalAt(entry.stage) : []
    if ('stage' in entry) entered.add(entry.stage)
    return entry.type === 'ended' ? [ended] : [...before, entry, ...after(entry)]
  }
  return [began, ...journal.flatMap(heardOf)]
}

const arrivalAt = (stage: string): readonly Event[] => [
  { type: 'entered', stage, title: `Title of ${stage}`, phase: 'contain', number: NUMBERS[stage] ?? 0, of: 10 },
  { type: 'progress', stage, text: 'looking, 3 s' },
  { type: 'assessed', stage, status: stage in NEEDED ? 'needed' : 'established', effects: NEEDED[stage] ?? [] },
]

const after = (entry: Entry): readonly Event[] => {
  if (entry.type === 'rechecked')
    return [attacker('02:03:09', 's3:ListBuckets', false), attacker('02:03:19', 's3:GetObject', true)]
  if (entry.type !== 'established') return []
  return [{ type: 'described', stage: entry.stage, blocks: descriptions.get(entry.stage)?.(entry.fact) ?? [] }]
}
