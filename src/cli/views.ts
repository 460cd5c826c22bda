import type { Incident } from '../incident/incident.ts'
import { given } from '../incident/values/given.ts'
import type { ChoiceQuestion, Event, Listener, Responder } from '../response/ports.ts'
import { SIGN_IN_QUESTION } from '../response/sign-in.ts'
import { flagResponder } from '../terminal/flag-responder.ts'
import { jsonView } from '../terminal/json-view.ts'
import { plainView } from '../terminal/plain-view.ts'
import { terminalView } from '../terminal/terminal-view.ts'
import { wantsColour } from '../terminal/theme.ts'
import { withCommandName } from './command-name.ts'
import type { AnswerRequest, OutputRequest } from './options.ts'
import { promptStreamsOf, type Terminal } from './tty.ts'

/** A view that may have to leave the screen clean before somebody else writes on it, and to wait until that has ended. */
export type RunView = Listener & {
  clear?(): void
  /** Keeps what it hears to itself until `release`. */
  hold(): void
  release(): void
}

/** Shows the events of a run: as JSON for a script, redrawn at a terminal, line by line elsewhere. */
export const viewFor = (terminal: Terminal, output: OutputRequest, known?: Incident): RunView => {
  const { out, err, redraws, allowsColour, kind, zone, commandName } = terminal
  const { plain, quiet, verbose } = output
  const surface = {
    ...{ out, err, zone, quiet, verbose },
    columns: () => out.columns ?? 0,
    colour: wantsColour({ isTerminal: redraws, plain, noColor: allowsColour ? undefined : '1', term: kind }),
    ...given({ known }),
  }
  const view: Listener & { clear?(): void } = output.json
    ? jsonView(surface)
    : redraws
      ? terminalView(surface)
      : plainView(surface)
  return holding({ ...view, hear: (event) => view.hear(withCommandName(event, commandName)) })
}

/** A view that can wait: while a question stands on the screen, nothing else is written there. */
const holding = (view: Listener & { clear?(): void }): RunView => {
  let held: Event[] | undefined
  return {
    ...view,
    hear: (event) => {
      if (held) held.push(event)
      else view.hear(event)
    },
    hold: () => {
      held ??= []
    },
    release: () => {
      const events = held ?? []
      held = undefined
      for (const event of events) view.hear(event)
    },
  }
}

/** Flags and the answers file answer first; a person at a terminal is asked the rest, unless `--yes` approves it. */
export const responderFor = async (terminal: Terminal, answers: AnswerRequest, view: RunView): Promise<Responder> => {
  const { yes, approve, skip, scripted } = answers
  const flags = { ...flagResponder({ yes, approve, skip, ...given({ answers: scripted }) }), ...aheadOf(answers) }
  if (!terminal.interactive) return flags
  // `--yes` approves; nothing but a person can sign in.
  const signsIn = async (question: ChoiceQuestion) =>
    question.what === SIGN_IN_QUESTION ? (await personAt(terminal, view)).choose(question) : undefined
  if (yes) return { ...flags, choose: async (question) => (await flags.choose(question)) ?? signsIn(question) }
  const person = await personAt(terminal, view)
  const named = new Set([...approve, ...Object.keys(scripted ?? {})])
  return {
    ...(scripted === undefined ? given({ goesAhead: person.goesAhead, takesTime: person.takesTime }) : {}),
    approve: (question) => (named.has(question.stage) ? flags.approve(question) : person.approve(question)),
    showsQuestion: (question) => !named.has(question.stage) && (person.showsQuestion?.(question) ?? false),
    choose: async (question) => (await flags.choose(question)) ?? person.choose(question),
    ask: async (question) => (await flags.ask?.(question)) ?? person.ask?.(question),
  }
}

/** The stage that a response hurries for. */
const DENY = 'revoke-sessions'

/** Flags that approve the deny do not wait for what it does not need. An answers file may depend on all that is known. */
const aheadOf = ({ yes, approve, scripted }: AnswerRequest): Pick<Responder, 'goesAhead'> =>
  scripted === undefined && (yes || approve.includes(DENY)) ? { goesAhead: true } : {}

/** Loaded on use: a run that asks nobody does not pay for the prompts. */
const personAt = async (terminal: Terminal, view: RunView): Promise<Responder> => {
  const screen = {
    ...promptStreamsOf(terminal),
    beforeAsking: () => {
      view.clear?.()
      view.hold()
    },
    afterAsking: () => view.release(),
  }
  if (terminal.redraws) {
    const { personResponder } = await import('../terminal/person-responder.ts')
    return personResponder(screen)
  }
  const { plainResponder } = await import('../terminal/plain-responder.ts')
  return plainResponder(screen)
}
