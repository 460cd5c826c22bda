import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Failure } from '../../incident/values/failure.ts'
import { orDiskFailure, realDisk, replaceFile } from '../../journal/disk.ts'
import { compose } from '../../report/compose.ts'
import { reportJson } from '../../report/json.ts'
import { markdown } from '../../report/markdown.ts'
import { withCommandName } from '../command-name.ts'
import type { Host } from '../host.ts'
import { readEntries } from './incident-files.ts'
import type { OpenIncident } from './open-incident.ts'
import { descriptions } from './stages.ts'

/** Writes an incident's report beside its journal, as Markdown and as JSON; gives the path of the first. */
export const writeReport = async (
  { directory, journal }: OpenIncident,
  { version, commandName }: Pick<Host, 'version' | 'commandName'>,
): Promise<string> => {
  const composed = compose(journal.entries, { head: journal.head(), version, descriptions })
  const report = withCommandName(composed, commandName)
  const path = join(directory, 'report.md')
  return orDiskFailure(`The report ${path} cannot be written`, async () => {
    await replaceFile(realDisk, path, Buffer.from(markdown(report)))
    await replaceFile(realDisk, join(directory, 'report.json'), Buffer.from(reportJson(report)))
    return path
  })
}

/**
 * Prints an incident's report from its journal alone; of a damaged one as far as it can be trusted. Throws Failure usage when there is
 * no such incident below `root`, and, once the report is printed, blocked when the journal is damaged.
 */
export const printReport = async (
  { stdout, version, commandName }: Pick<Host, 'stdout' | 'version' | 'commandName'>,
  { root, incident, format }: { readonly root: string; readonly incident: string; readonly format: 'markdown' | 'json' },
): Promise<void> => {
  const { entries, head, damage: spoiled, torn } = await readSettled(root, incident)
  const damage = spoiled ?? torn
  const report = withCommandName(compose(entries, { head, version, descriptions, damage }), commandName)
  stdout.write(format === 'json' ? `${reportJson(report)}\n` : `${markdown(report)}\n`)
  if (damage !== undefined)
    throw new Failure({
      kind: 'blocked',
      what: `the journal of incident ${incident} is damaged, and the report ends there`,
      why: damage,
      remedy: spoiled
        ? `\`ir-cred audit ${incident}\` names what was changed; restore the journal from a copy`
        : `\`ir-cred audit ${incident}\` names the line; if a run was cut off, \`ir-cred respond --incident ${incident}\` sets it aside`,
    })
}

/** How often a journal is read whose last line is torn: a run may be writing it just now. */
const READINGS = 4

const readSettled = async (root: string, incident: string, readings = READINGS): ReturnType<typeof readEntries> => {
  const read = await readEntries(root, incident)
  if (read.torn === undefined || readings <= 1) return read
  await setImmediate()
  return readSettled(root, incident, readings - 1)
}
