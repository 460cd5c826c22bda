import { Failure } from '../../incident/values/failure.ts'
import { rootWith, stateRoot } from '../../journal/directory.ts'
import type { Command } from '../command.ts'
import { FINISHED } from '../exit-code.ts'
import { printReport } from '../incident-run/report.ts'
import type { CommonOptions } from '../options.ts'

export interface ReportOptions extends CommonOptions {
  readonly format?: string
}

/** `ir-cred report`: prints the report of an incident, or of a drill, from its journal alone. */
export const reportCommand: Command<ReportOptions, [incident: string]> = {
  run: async (host, { json, format: named = 'markdown', stateDir }, incident) => {
    const format = json ? 'json' : named
    if (format !== 'json' && format !== 'markdown') {
      throw new Failure({
        kind: 'usage',
        what: `there is no report format ${format}`,
        remedy: 'the formats are markdown and json',
      })
    }
    await printReport(host, { root: await rootWith(stateRoot(host.env, stateDir), incident), incident, format })
    return { outcome: FINISHED }
  },
}
