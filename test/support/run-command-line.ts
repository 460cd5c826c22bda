import { runCommandLine } from '../../src/cli/program.ts'
import { memoryHost } from './host.ts'
import type { Ran } from './run-bin.ts'

interface CommandLineOptions {
  readonly env: Readonly<Record<string, string>>
  readonly input?: string
}

/** Runs a command line to its exit code without a terminal, in this process: what the bin does once Node has started. */
export const ranCommandLine = async (args: readonly string[], { env, input = '' }: CommandLineOptions): Promise<Ran> => {
  const { host, out, err } = memoryHost({ env, input })
  const code = await runCommandLine(host, args)
  return { code, stdout: out(), stderr: err() }
}
