import type { Entry, SendingOutcome } from '../../incident/entry.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { asciiJson, flattenUntrusted, show, showInstant } from '../../incident/values/show.ts'
import { type Audit, type AuditProblem, auditIncident } from '../../journal/audit.ts'
import { stateRoot } from '../../journal/directory.ts'
import { shortHead } from '../../journal/journal.ts'
import { changesOf } from '../../report/claims.ts'
import type { Command } from '../command.ts'
import { type CommandPlace, commandPlaceOf, reportCommandFor, resumeCommand } from '../continuation.ts'
import { type End, FINISHED } from '../exit-code.ts'
import { entryCheck } from '../incident-run/incident-files.ts'
import type { CommonOptions } from '../options.ts'

/**
 * `ir-cred audit`: whether an incident's journal and evidence are as ir-cred wrote them, and which heads of the journal CloudTrail
 * recorded with the writes. Reads files only. Ends as blocked when something was changed.
 */
export const auditCommand: Command<CommonOptions, [incident: string]> = {
  run: async (host, options, incident) => {
    const audited = await auditIncident(stateRoot(host.env, options.stateDir), incident, await entryCheck())
    host.stdout.write(options.json ? `${asciiJson(shapeOf(audited))}\n` : sentences(audited))
    const [first] = audited.problems
    if (first) throw notIntact(audited, first, commandPlaceOf(host, options))
    const announce = (end: End): void => {
      const nothing = { writes: 0, unproven: [], alarms: [] }
      host.stdout.write(`${asciiJson({ type: 'ended', ...end, incident, ...nothing })}\n`)
    }
    return { outcome: FINISHED, ...given({ announce: options.json ? announce : undefined }) }
  },
  lastEvent: (_host, _options, incident) => ({ incident }),
}

/** A write that was sent, or may have been, with the user agent that CloudTrail's record of it has. */
interface AuditedWrite {
  readonly line: number
  readonly at: string
  readonly operation: string
  readonly resource: string
  /** What the record's userAgent contains. */
  readonly userAgent: string
  /** What AWS answered; absent where the journal has no answer. */
  readonly outcome?: SendingOutcome['outcome']
  readonly requestId?: string
}

const writesOf = ({ entries, hashes }: Audit): readonly AuditedWrite[] =>
  changesOf(entries).map(({ intent: { number, entry }, sent }) => ({
    line: number,
    at: entry.at,
    operation: entry.effect.operation,
    resource: entry.effect.resource,
    userAgent: agentOf(hashes[number - 1] ?? ''),
    ...given({
      outcome: sent?.entry.outcome,
      requestId: sent?.entry.outcome === 'unknown' ? undefined : sent?.entry.requestId,
    }),
  }))

const agentOf = (hash: string): string => `journal/${shortHead(hash)}`

const shapeOf = (audited: Audit): unknown => {
  const { incident, directory, entries, head, files, problems, notes } = audited
  return flattenUntrusted({
    type: 'audited',
    incident,
    directory,
    intact: problems.length === 0,
    records: entries.length,
    head,
    userAgent: agentOf(head),
    files,
    problems,
    notes,
    writes: writesOf(audited),
  })
}

const sentences = (audited: Audit): string => {
  const { incident, directory, entries, head, files, problems, notes } = audited
  const inJournal = problems.filter((problem) => problem.in === 'journal')
  const inEvidence = problems.filter((problem) => problem.in === 'evidence')
  const writes = writesOf(audited)
  const lines = [
    `incident  ${incident}  ${show(directory, 'tty')}`,
    `journal   ${verdict(inJournal)}: ${counted(entries.length, 'record')} in order${spanOf(entries)}`,
    ...inJournal.map(tell),
    `evidence  ${verdict(inEvidence)}: ${counted(files, 'file')} named by these records`,
    ...inEvidence.map(tell),
    ...notes.map((note) => `note      ${show(note, 'tty')}`),
    `head      ${head}`,
    `          In the user agent of a write: ${agentOf(head)}`,
    `writes    ${writes.length === 0 ? 'none' : 'CloudTrail’s record of each has this in its userAgent:'}`,
    ...writes.map(
      ({ line, at, operation, userAgent, outcome = 'no answer' }) =>
        `          ${userAgent}  ${at}  ${operation}, ${outcome} (line ${line})`,
    ),
    'The files alone do not show that somebody rewrote the whole journal, or removed its last lines.',
    'CloudTrail shows it: compare the user agents in its records of these writes with those above.',
  ]
  return `${lines.join('\n')}\n`
}

const verdict = (problems: readonly AuditProblem[]): string => (problems.length === 0 ? 'intact' : 'NOT INTACT')

const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

const spanOf = (entries: readonly Entry[]): string => {
  const [first, last] = [entries.at(0), entries.at(-1)]
  return first && last ? `, ${showInstant(first.at)} to ${showInstant(last.at)}` : ''
}

const tell = (problem: AuditProblem): string => `          ${subjectOf(problem)} ${show(problem.why, 'tty')}`

/** The record or the file, with what is known of the record: its own words may be somebody else's. */
const subjectOf = ({ line, found, file }: AuditProblem): string => {
  if (file !== undefined) return `${show(file, 'tty')}${line === undefined ? '' : `, named by line ${line},`}`
  const claims = [
    found?.sequence === undefined ? [] : [`record ${found.sequence}`],
    found?.type ? [show(found.type, 'tty')] : [],
    found?.at ? [show(found.at, 'tty')] : [],
  ].flat()
  return `line ${line} of the journal${claims.length === 0 ? '' : ` (${claims.join(', ')})`}`
}

const notIntact = ({ incident }: Audit, first: AuditProblem, place: CommandPlace): Failure =>
  new Failure({
    kind: 'blocked',
    what: `incident ${incident} is not as ir-cred wrote it`,
    why: `${subjectOf(first)} ${first.why}`,
    remedy: remedyFor(first, incident, place),
  })

const remedyFor = ({ problem, file }: AuditProblem, incident: string, place: CommandPlace): string => {
  if (problem === 'truncated' && file === undefined)
    return `if a run was cut off, \`${resumeCommand(incident, place)}\` sets the torn line aside and goes on; otherwise restore the journal from a copy`
  if (problem === 'newer' || problem === 'unknown') return 'audit it with the version of ir-cred that wrote it'
  return `restore it from a copy and audit it again; \`${reportCommandFor(incident, place)}\` shows what can still be relied on in the journal`
}
