import { availableParallelism } from 'node:os'
import { isFolder } from '../../investigation/sources/log-files/discover/files-on-disk.ts'
import { startThreads, stopThreads, type WorkerThreads } from '../../investigation/sources/log-files/workers/start-threads.ts'
import type { Command, CommandEnding } from '../command.ts'
import { investigateAgain } from '../continuation.ts'
import { FINISHED } from '../exit-code.ts'
import type { Host } from '../host.ts'
import type { InvestigateOptions } from '../investigate/request.ts'

/** `ir-cred investigate`: what a principal did, by CloudTrail's records from any source, enriched by other AWS services. Reads only. */
export const investigateCommand: Command<InvestigateOptions> = {
  run: async (host, options) =>
    options.printAthenaTable === undefined ? investigate(host, options) : printAthenaTable(host, options),
  lastEvent: ({ commandName }, options) => ({
    incident: options.incident ?? '',
    again: investigateAgain(commandName, options),
  }),
}

/** Worker threads take as long to start as the rest of the program takes to be loaded: both at once. */
const investigate = async (host: Host, options: InvestigateOptions): Promise<CommandEnding> => {
  const started = threadsFor(options)
  try {
    const [{ investigateRequestOf }, { runInvestigation }] = await Promise.all([
      import('../investigate/request.ts'),
      import('../investigate/run-investigation.ts'),
    ])
    return await runInvestigation(host, await investigateRequestOf(options), started)
  } finally {
    if (started) await stopThreads(started)
  }
}

/** A folder may hold many files. A cache leaves few of them to scan. */
const threadsFor = ({ logs = [], cache, threads = availableParallelism() }: InvestigateOptions): WorkerThreads | undefined => {
  const isWorthIt = threads > 1 && threads <= availableParallelism() && cache === undefined && logs.some(isFolder)
  return isWorthIt ? startThreads(threads) : undefined
}

/** Prints the statement that makes an Athena table of a trail's log files. Makes nothing itself. */
const printAthenaTable = async (host: Host, options: InvestigateOptions): Promise<CommandEnding> => {
  const [{ athenaTableRequestOf }, { createTable }] = await Promise.all([
    import('../investigate/request.ts'),
    import('../../investigation/sources/athena/create-table.ts'),
  ])
  const { logs, examples } = athenaTableRequestOf(options, host.clock())
  host.stdout.write(`${createTable(logs).trimEnd()}\n`)
  if (examples.length > 0) host.stderr.write(`ir-cred: not given, and put in as an example: ${examples.join(', ')}\n`)
  return { outcome: FINISHED }
}
