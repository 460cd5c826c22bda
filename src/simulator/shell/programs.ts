import type { CommandOutcome, Invocation, Program } from './command.ts'
import { curl } from './curl.ts'
import { cat, cut, head, tail, tr } from './filters.ts'
import { grep } from './grep.ts'
import { date, echo, printf, uname } from './print.ts'
import { sed } from './sed.ts'
import { bracket, test } from './test-command.ts'

const says =
  (answer: (invocation: Invocation) => string): Program =>
  (invocation) => ({ status: 0, out: `${answer(invocation)}\n` })

const ends =
  (status: number): Program =>
  () => ({ status })

const locate = ({ args: [option, name = ''] }: Invocation): CommandOutcome => {
  if (option !== '-v') return { status: 2, complaint: `command: Illegal option ${option ?? ''}` }
  return programs.has(name) ? { status: 0, out: `/usr/bin/${name}\n` } : { status: 127 }
}

/** Every command that exists on the simulated instance. None starts a process, opens a file or a connection. */
export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ['curl', curl],
  ['cat', cat],
  ['head', head],
  ['tail', tail],
  ['tr', tr],
  ['cut', cut],
  ['sed', sed],
  ['grep', grep],
  ['echo', echo],
  ['printf', printf],
  ['test', test],
  ['[', bracket],
  ['true', ends(0)],
  [':', ends(0)],
  ['false', ends(1)],
  ['date', date],
  ['uname', uname],
  ['whoami', says(() => 'root')],
  ['hostname', says(({ host }) => host.hostname ?? 'ip-10-0-0-10')],
  ['command', locate],
])
