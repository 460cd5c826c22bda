import { join } from 'node:path'
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

/** Prints an incident's report from its journal alone. Throws Failure usage when there is no such incident below `root`. */
export const printReport = async (
  { stdout, stderr, version, commandName }: Pick<Host, 'stdout' | 'stderr' | 'version' | 'commandName'>,
  { root, incident, format }: { readonly root: string; readonly incident: string; readonly format: 'markdown' | 'json' },
): Promise<void> => {
  const { entries, head, damage, torn } = await readEntries(root, incident)
  if (damage !== undefined) stderr.write(`ir-cred: ${damage} The report ends there.\n`)
  if (torn !== undefined) stderr.write(`ir-cred: ${torn}\n`)
  const report = withCommandName(compose(entries, { head, version, descriptions }), commandName)
  stdout.write(format === 'json' ? `${reportJson(report)}\n` : `${markdown(report)}\n`)
}
