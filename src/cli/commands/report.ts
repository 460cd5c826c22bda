import type { Entry } from '../../incident/entry.ts'
import { Failure } from '../../incident/values/failure.ts'
import { stateRoot } from '../../journal/directory.ts'
import { readJournal } from '../../journal/read.ts'
import { compose } from '../../report/compose.ts'
import { reportJson } from '../../report/json.ts'
import { markdown } from '../../report/markdown.ts'
import type { Host } from '../host.ts'
import { descriptions } from '../incident-run/stages.ts'
import type { CommonOptions } from '../options.ts'

export interface ReportOptions extends CommonOptions {
  readonly format?: string
}

/** `ir-cred report`: writes the report of an incident to standard output, from its journal alone. */
export const reportCommand = async (host: Host, incident: string, options: ReportOptions): Promise<number> => {
  const format = options.json ? 'json' : (options.format ?? 'markdown')
  if (format !== 'json' && format !== 'markdown') {
    throw new Failure({ kind: 'usage', what: `there is no report format ${format}`, remedy: 'the formats are markdown and json' })
  }
  const { entries, head, damage, torn } = await readJournal<Entry>(stateRoot(host.env, options.stateDir), incident)
  if (damage !== undefined) host.stderr.write(`ir-cred: the journal is damaged (${damage}); this report ends before the damage\n`)
  if (torn !== undefined)
    host.stderr.write(`ir-cred: the journal's end is not whole (${torn}); the report has what stands before it\n`)
  const report = compose(entries, { head, version: host.version, descriptions })
  host.stdout.write(format === 'json' ? `${reportJson(report)}\n` : `${markdown(report)}\n`)
  return 0
}
