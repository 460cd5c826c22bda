import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { orDiskFailure } from '../../journal/disk-failure.ts'
import { compose } from '../../report/compose.ts'
import { reportJson } from '../../report/json.ts'
import { markdown } from '../../report/markdown.ts'
import type { OpenIncident } from './incident-directory.ts'
import { descriptions } from './stages.ts'

/** Writes an incident's report beside its journal, as Markdown and as JSON; gives the path of the first. */
export const writeReport = async ({ directory, journal }: OpenIncident, version: string): Promise<string> => {
  const report = compose(journal.entries, { head: journal.head(), version, descriptions })
  const path = join(directory, 'report.md')
  return orDiskFailure(`The report ${path} cannot be written`, async () => {
    await writeFile(path, markdown(report), { mode: 0o600 })
    await writeFile(join(directory, 'report.json'), reportJson(report), { mode: 0o600 })
    return path
  })
}
