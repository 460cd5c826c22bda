import { setImmediate } from 'node:timers/promises'
import type { Entry } from '../incident/entry.ts'
import { type KeptEvidence, keptEvidence } from '../incident/kept-evidence.ts'
import {
  chainStart,
  type Damage,
  type EntryCheck,
  type LineClaims,
  type LineProblem,
  tailDamage,
  type Verified,
  verify,
} from './chain.ts'
import { incidentPath, rootWith } from './directory.ts'
import { type EvidenceProblem, evidenceNumber, verifyEvidence } from './evidence.ts'
import { checkFor, journalBytes, nothingIn } from './read.ts'

/** One record or file that is not as ir-cred wrote it. */
export interface AuditProblem {
  readonly in: 'journal' | 'evidence'
  readonly problem: LineProblem | EvidenceProblem['problem']
  /** The line of the journal, from 1: the first that cannot be trusted, or the one that names the file. */
  readonly line?: number
  /** What stands on that line of the journal, by its own words. */
  readonly found?: LineClaims
  readonly file?: string
  /** The rest of a sentence that begins with the line or the file. */
  readonly why: string
}

/** An incident's files, held against each other. */
export interface Audit {
  readonly incident: string
  readonly directory: string
  /** All entries before the first line that cannot be trusted, and the hash of each line. */
  readonly entries: readonly Entry[]
  readonly hashes: readonly string[]
  /** The hash of the last good line, which vouches for all before it: 64 hex digits. */
  readonly head: string
  /** How many files of evidence these entries name. */
  readonly files: number
  /** In the journal's order; the journal's own first. Empty: everything is as it was written. */
  readonly problems: readonly AuditProblem[]
  /** Sentences on what is not a problem and yet to be known. */
  readonly notes: readonly string[]
}

/**
 * Recomputes the hash chain of an incident's journal, and the SHA-256 and the size of each file of evidence that it names.
 * Reads only and takes no lock: a run may go on meanwhile. Looks below `root`, then among its drills.
 * Throws Failure `usage` when there is no such incident, `blocked` when its directory cannot be trusted or the disk refuses.
 */
export const auditIncident = async (root: string, id: string, check?: EntryCheck): Promise<Audit> => {
  const parent = await rootWith(root, id)
  const directory = incidentPath(parent, id)
  const { verified, tail } = await readWhole(parent, id, check)
  const { good: entries, hashes, head, damage = tail } = verified
  const kept = keptEvidence(entries)
  const found = await verifyEvidence(
    directory,
    kept.map(({ ref }) => ref),
  )
  const added = found.filter(({ problem }) => problem === 'added')
  const unnamed = damage ? added : added.filter((file) => wasCutOff(file, kept, entries))
  return {
    ...{ incident: id, directory, entries, hashes, head, files: kept.length },
    problems: [
      ...(damage ? [{ in: 'journal' as const, ...damage }] : []),
      ...found.filter((problem) => !unnamed.includes(problem)).map((problem) => evidenceProblem(problem, kept)),
    ],
    notes: [...unnamed.map((file) => tellUnnamed(file, damage)), ...(damage ? [] : endNotes(entries))],
  }
}

/** How often a journal is read whose last line is torn: a run may be writing it just now. */
const READINGS = 4

const readWhole = async (
  root: string,
  id: string,
  check: EntryCheck | undefined,
  readings = READINGS,
): Promise<{ readonly verified: Verified<Entry>; readonly tail?: Damage }> => {
  const bytes = await journalBytes(root, id, { evidence: false })
  if (bytes.length === 0) throw nothingIn(id)
  const verified = verify<Entry>(bytes, chainStart(id), checkFor(id, check))
  if (!verified.tornTail) return { verified }
  if (readings > 1) {
    await setImmediate()
    return readWhole(root, id, check, readings - 1)
  }
  return { verified, tail: tailDamage(verified.tornTail, verified.good.length + 1, verified.head) }
}

const evidenceProblem = ({ file, problem, why }: EvidenceProblem, kept: readonly KeptEvidence[]): AuditProblem => {
  const line = kept.find(({ ref }) => ref.file === file)?.number
  return { in: 'evidence', problem, ...(line !== undefined && { line }), file, why }
}

/**
 * Whether a run that was cut off explains a file that no line names: a file is on the disk before its line is. Files are numbered in
 * the order in which they are kept, so the line would stand between those that name its neighbours.
 */
const wasCutOff = ({ file }: EvidenceProblem, kept: readonly KeptEvidence[], entries: readonly Entry[]): boolean => {
  const number = evidenceNumber(file)
  if (number === undefined || kept.some(({ ref }) => evidenceNumber(ref.file) === number)) return false
  const linesOf = (wanted: (other: number) => boolean): number[] =>
    kept.filter(({ ref }) => wanted(evidenceNumber(ref.file) ?? number)).map((one) => one.number)
  const from = Math.max(0, ...linesOf((other) => other < number))
  const to = Math.min(entries.length + 1, ...linesOf((other) => other > number))
  // Before the first line that names a file, nothing says how the run was that kept it.
  return from === 0 || cutOffs(entries).some((line) => line > from && line <= to)
}

/** The lines at which a run's end is missing: where the next one begins, or behind the last line. */
const cutOffs = (entries: readonly Entry[]): readonly number[] =>
  [...entries.map(({ type }) => type), 'resumed'].flatMap((type, index) =>
    index > 0 && (type === 'resumed' || type === 'lifting') && entries[index - 1]?.type !== 'ended' ? [index + 1] : [],
  )

const tellUnnamed = ({ file }: EvidenceProblem, damage: Damage | undefined): string =>
  damage
    ? `${file} is not checked: no line before line ${damage.line} names it.`
    : `${file} is not named by the journal: a run was cut off between keeping it and writing its line, or goes on just now.`

const endNotes = (entries: readonly Entry[]): readonly string[] =>
  entries.at(-1)?.type === 'ended'
    ? []
    : ['The journal does not say how the last run ended: it goes on just now, it was cut off, or the last lines were taken away.']
