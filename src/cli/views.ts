import type { Incident } from '../incident/incident.ts'
import type { Listener, Responder } from '../response/ports.ts'
import { flagResponder } from '../terminal/flag-responder.ts'
import { jsonView } from '../terminal/json-view.ts'
import { plainView } from '../terminal/plain-view.ts'
import { terminalView } from '../terminal/terminal-view.ts'
import { wantsColour } from '../terminal/theme.ts'
import type { Host } from './host.ts'
import type { CommonOptions, RunOptions } from './options.ts'
import { canRedraw, isInteractive } from './tty.ts'

export const viewFor = (host: Host, options: CommonOptions, known?: Incident): Listener & { clear?(): void } => {
  const { stdout, stderr, env } = host
  const surface = {
    out: stdout,
    err: stderr,
    columns: () => stdout.columns ?? 0,
    colour: wantsColour({
      isTerminal: canRedraw(host, options),
      plain: options.plain ?? false,
      noColor: env.NO_COLOR,
      term: env.TERM,
    }),
    zone: env.TZ ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    verbose: options.verbose ?? false,
    quiet: options.quiet ?? false,
    ...(known ? { known } : {}),
  }
  if (options.json) return jsonView(surface)
  return canRedraw(host, options) ? terminalView(surface) : plainView(surface)
}

/** Flags answer first; a person, where there is one, is asked what they leave open. */
export const responderFor = async (
  host: Host,
  options: RunOptions,
  view: { clear?(): void },
  scripted: Readonly<Record<string, string>> | undefined,
): Promise<Responder> => {
  const flags = flagResponder({
    yes: options.yes ?? false,
    approve: options.approve ?? [],
    skip: options.skip ?? [],
    ...(scripted ? { answers: scripted } : {}),
  })
  if (options.yes || !isInteractive(host, options)) return flags
  const person = await personAt(host, options, view)
  const named = new Set([...(options.approve ?? []), ...Object.keys(scripted ?? {})])
  return {
    approve: (question) => (named.has(question.stage) ? flags.approve(question) : person.approve(question)),
    choose: async (question) => (await flags.choose(question)) ?? person.choose(question),
  }
}

/** Loaded on use: a run that asks nobody does not pay for the prompts. */
const personAt = async (host: Host, options: RunOptions, view: { clear?(): void }): Promise<Responder> => {
  const recorder = {
    input: host.stdin,
    output: host.stderr,
    signal: host.signal,
    columns: () => host.stdout.columns ?? 80,
    colour: !host.env.NO_COLOR,
    beforeAsking: () => view.clear?.(),
  }
  if (!canRedraw(host, { ...options, json: false })) {
    const { plainResponder } = await import('../terminal/plain-responder.ts')
    return plainResponder(recorder)
  }
  const { personResponder } = await import('../terminal/person-responder.ts')
  return personResponder(recorder)
}
