import { writeSync } from 'node:fs'
import { createIncident } from '../../src/journal/directory.ts'
import { openJournal } from '../../src/journal/file.ts'
import { entry, recovered } from './entries.ts'
import { faultyDisk } from './faulty-disk.ts'

/** Started by the crash test: appends entries and dies without warning before the n-th call on the disk. Says each entry that was acknowledged. */
const [root = '', crashAt = '', count = ''] = process.argv.slice(2)
const uid = process.getuid?.()
const say = (line: string): void => void writeSync(1, `${line}\n`)

let calls = 0
const disk = faultyDisk({
  shortWrites: 100,
  before: () => {
    calls += 1
    if (calls === Number(crashAt)) process.kill(process.pid, 'SIGKILL')
  },
})

await createIncident(root, 'crash', uid)
const journal = await openJournal(root, 'crash', { recovered, uid, disk })
for (let n = 1; n <= Number(count); n += 1) {
  const type = `entry-${journal.entries.length + 1}`
  await journal.append(entry(type))
  say(type)
}
say(`calls ${calls}`)
