import { dirname } from 'node:path'
import type { Entry } from '../../incident/entry.ts'
import { liftedAt, replay } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { asciiJson, flattenUntrusted, show, showInstant } from '../../incident/values/show.ts'
import { type Audit, type AuditProblem, auditIncident } from '../../journal/audit.ts'
import { stateRoot } from '../../journal/directory.ts'
import { shortHead } from '../../journal/journal.ts'
import { changesOf } from '../../report/claims.ts'
import { type AnchorsCompared, firstContradiction, isFullyVisible } from '../audit/anchors-compared.ts'
import type { AuditedWrite } from '../audit/compare-anchors.ts'
import type { Command } from '../command.ts'
import { type CommandPlace, commandPlaceOf, reportCommandFor, resumeCommand } from '../continuation.ts'
import { type End, FINISHED, UNCONFIRMED } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { entryCheck } from '../incident-run/incident-files.ts'
import { type CommonOptions, outputRequestOf, printable } from '../options.ts'
import { sayWaiting } from '../tty.ts'

export interface AuditOptions extends CommonOptions {
  /** A head that was printed: 16 to 64 hex digits. */
  readonly head?: string
  readonly cloudtrail?: boolean
}

/**
 * `ir-cred audit`: whether an incident's journal and evidence are as ir-cred wrote them, whether they have the head that was printed
 * (`--head`), and whether AWS keeps the same heads (`--cloudtrail`). Reads only. Ends as blocked when something was changed, and
 * as unconfirmed when AWS does not show everything.
 */
export const auditCommand: Command<AuditOptions, [incident: string]> = {
  run: async (host, options, incident) => {
    const wanted = options.head === undefined ? undefined : headOption(options.head)
    const root = stateRoot(host.env, options.stateDir)
    const audited = await auditIncident(root, incident, await entryCheck())
    const place = commandPlaceOf(host, options)
    const headLine = wanted === undefined ? undefined : lineOfHead(audited, wanted)
    const anchors = options.cloudtrail ? await askAws(host, options, audited) : undefined
    const seen = { audited, ...given({ wanted, headLine, anchors }) }
    host.stdout.write(options.json ? `${asciiJson(shapeOf(seen))}\n` : sentences(seen))
    const failure = failureIn(seen, place)
    if (failure) throw failure
    const announce = (end: End): void => {
      const nothing = { writes: 0, unproven: anchors ? unprovenOf(anchors) : [], alarms: [] }
      host.stdout.write(`${asciiJson({ type: 'ended', ...end, incident, ...nothing })}\n`)
    }
    const outcome = anchors && !isFullyVisible(anchors) ? UNCONFIRMED : FINISHED
    return { outcome, ...given({ announce: options.json ? announce : undefined }) }
  },
  lastEvent: (_host, _options, incident) => ({ incident }),
}

/** What an audit has found. */
interface AuditSeen {
  readonly audited: Audit
  /** The head that was asked for, and the line that has it; no line has one that the journal does not hold. */
  readonly wanted?: string
  readonly headLine?: number
  readonly anchors?: AnchorsCompared
}

/** Loaded on use: an audit of files alone does not pay for the clients. */
const askAws = async (host: Host, options: AuditOptions, audited: Audit): Promise<AnchorsCompared> => {
  const { compareWithAws } = await import('../audit/anchors.ts')
  const progress = sayWaiting(host, outputRequestOf(options))
  return compareWithAws(host, options, { audited, writes: writesOf(audited), root: dirname(audited.directory) }, progress)
}

/** As screens, reports and user agents show it. Throws Failure usage for anything else. */
const headOption = (text: string): string => {
  const head = text
    .trim()
    .toLowerCase()
    .replace(/^journal\//, '')
  if (/^[0-9a-f]{16,64}$/.test(head)) return head
  throw new Failure({
    kind: 'usage',
    what: `--head "${printable(text)}" is not a head of a journal`,
    remedy: 'write the 16 or 64 hex digits that the screen, the report or an audit shows',
  })
}

const lineOfHead = ({ hashes }: Audit, head: string): number | undefined => {
  const index = hashes.findIndex((hash) => hash.startsWith(head))
  return index < 0 ? undefined : index + 1
}

const failureIn = ({ audited, wanted, headLine, anchors }: AuditSeen, place: CommandPlace): Failure | undefined => {
  const { incident, problems, entries } = audited
  const [first] = problems
  if (first) return notIntact(audited, first, place)
  const why =
    wanted !== undefined && headLine === undefined
      ? `none of its ${entries.length} lines has the head ${wanted}: lines were removed, or the journal was rewritten`
      : anchors && firstContradiction(anchors)
  if (why === undefined) return undefined
  return new Failure({
    kind: 'blocked',
    what: `incident ${incident} is not as ir-cred wrote it`,
    why,
    remedy: 'compare it with a copy; AWS’s own records cannot be changed from the machine that holds the journal',
  })
}

const unprovenOf = ({ compared, incomplete }: AnchorsCompared): readonly string[] => [
  ...compared
    .filter(({ standing }) => standing === 'notVisible')
    .map(({ operation, line, place }) => `${operation} of line ${line} is not visible in ${place}`),
  ...incomplete,
]

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

const shapeOf = ({ audited, wanted, headLine, anchors }: AuditSeen): unknown => {
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
    ...given({
      liftedAt: liftedAt(replay(entries)),
      printedHead: wanted === undefined ? undefined : { head: wanted, line: headLine ?? null },
      anchors: anchors && { ...anchors, contradicted: firstContradiction(anchors) !== undefined },
    }),
  })
}

const sentences = ({ audited, wanted, headLine, anchors }: AuditSeen): string => {
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
    ...liftLine(entries),
    ...notes.map((note) => `note      ${show(note, 'tty')}`),
    `head      ${head}`,
    `          In the user agent of a write: ${agentOf(head)}`,
    `writes    ${writes.length === 0 ? 'none' : 'CloudTrail’s record of each has this in its userAgent:'}`,
    ...writes.map(
      ({ line, at, operation, userAgent, outcome = 'no answer' }) =>
        `          ${userAgent}  ${at}  ${operation}, ${outcome} (line ${line})`,
    ),
    ...(wanted === undefined ? [] : [printedHeadLine(wanted, headLine)]),
    ...(anchors
      ? anchorLines(anchors)
      : [
          'The files alone do not show that somebody rewrote the whole journal, or removed its last lines.',
          `CloudTrail shows it: \`ir-cred audit ${incident} --cloudtrail\` compares its records of these writes with those above.`,
        ]),
  ]
  return `${lines.join('\n')}\n`
}

/** When what the response changed was lifted, as far as these records say. */
const liftLine = (entries: readonly Entry[]): readonly string[] => {
  const at = liftedAt(replay(entries))
  return at === undefined ? [] : [`lifted    ${showInstant(at)}: what the response changed was lifted, as the report says`]
}

const printedHeadLine = (wanted: string, line: number | undefined): string =>
  line === undefined
    ? `printed   NOT FOUND: no line of the journal has the head ${wanted}`
    : `printed   found: line ${line} has the head ${wanted}; all lines up to it are as they were when it was printed`

const STANDINGS = { matches: 'matches', differs: 'DIFFERS', notVisible: 'not visible' } as const

const anchorLines = (anchors: AnchorsCompared): readonly string[] => {
  const { compared, dropped, incomplete } = anchors
  const contradiction = firstContradiction(anchors)
  const found = contradiction === undefined ? (isFullyVisible(anchors) ? 'matches' : 'incomplete') : 'CONTRADICTED'
  return [
    `AWS       ${found}: ${counted(compared.filter(({ standing }) => standing === 'matches').length, 'match', 'matches')} of ${compared.length}`,
    ...compared.map(
      ({ line, operation, place, standing, why, id }) =>
        `          ${STANDINGS[standing]}  ${operation} of line ${line} in ${place}${why === undefined ? '' : ` (${show(id ?? '', 'tty')}): ${show(why, 'tty')}`}`,
    ),
    ...dropped.map(
      ({ place, eventName, head, id, at }) =>
        `          NOT IN THE JOURNAL  ${show(eventName, 'tty')} of ${at ?? 'unknown time'} in ${place} (${show(id, 'tty')}), journal/${head}`,
    ),
    ...incomplete.map((gap) => `          not read  ${show(gap, 'tty')}`),
    ...(compared.some(({ standing }) => standing === 'notVisible')
      ? [
          'What is not visible proves nothing: CloudTrail delivers minutes later, and does not keep everything. Audit again later.',
        ]
      : []),
  ]
}

const verdict = (problems: readonly AuditProblem[]): string => (problems.length === 0 ? 'intact' : 'NOT INTACT')

const counted = (number: number, noun: string, nouns = `${noun}s`): string => `${number} ${number === 1 ? noun : nouns}`

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
