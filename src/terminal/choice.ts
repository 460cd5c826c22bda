import select from '@inquirer/select'
import { show } from '../incident/values/show.ts'
import type { ChoiceQuestion } from '../response/ports.ts'
import { ask, type PromptStreams } from './asking.ts'
import { labelOf } from './question-blocks.ts'
import { usableWidth } from './width.ts'
import { hang } from './wrap.ts'

/** Columns of the mark before the chosen option, and of the indent of an option's further lines. */
const CURSOR = 3
const CONTINUED = 4
const NONE = Symbol('none of these')

/**
 * Asks a person at a terminal to choose one of several, with inquirer's select alone: it is ready before the other prompts are loaded.
 * Gives the option's id; undefined for none of them and for Ctrl-D. Throws Failure 'interrupted' for Ctrl-C.
 */
export const chooseOne = async (promptStreams: PromptStreams, { what, options }: ChoiceQuestion): Promise<string | undefined> => {
  const { input, output } = promptStreams
  const room = usableWidth(promptStreams.columns?.() ?? 0) - CURSOR
  const choices = options.map((option) => ({
    value: option.id as string | typeof NONE,
    // inquirer breaks a long name anywhere.
    name: hang('', labelOf(option), room, CONTINUED).join('\n'),
    short: labelOf(option),
  }))
  const question = {
    message: show(what, 'tty'),
    choices: [...choices, { value: NONE as string | typeof NONE, name: 'None of these' }],
    pageSize: 16,
    loop: false,
  }
  const chosen = await ask(promptStreams, (signal) => select<string | typeof NONE>(question, { input, output, signal }))
  return chosen === NONE ? undefined : chosen
}
