import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RecordSource } from '../../investigation/source.ts'
import type { Host } from '../host.ts'

const NAME = 'log files from standard input'

/**
 * A source of log files that another program writes to standard input. They are kept in a file while they are read, because records
 * that lead to other principals make ir-cred read them again; only you can read that file.
 */
export const spooled = (
  { stdin, signal }: Pick<Host, 'stdin' | 'signal'>,
  open: (file: string) => RecordSource,
): RecordSource => ({
  name: NAME,
  read: async (asked, reading) => {
    const folder = await mkdtemp(join(tmpdir(), 'ir-cred-'))
    try {
      const file = join(folder, 'standard-input')
      await pipeline(Readable.from(stdin), createWriteStream(file, { mode: 0o600 }), { signal })
      const { states, report } = await open(file).read(asked, reading)
      const badFiles = report.badFiles.map(({ path, why }) => ({ path: path === file ? 'standard input' : path, why }))
      return { states, report: { ...report, source: NAME, badFiles } }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
})
