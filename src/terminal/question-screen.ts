import { type Block, fields, text } from '../incident/values/block.ts'
import { SHOWN_IN_A_QUESTION } from '../incident/values/delimited.ts'
import type { ApprovalQuestion } from '../response/ports.ts'
import { CALLS_KEY } from './approval-dialogue.ts'
import { type RenderSettings, renderBlocks } from './render-blocks.ts'

/** Rows that the prompt itself takes, up to the word that is typed. */
const PROMPT_ROWS = 7

/**
 * What stands above the prompt of an approval, so that change, cost and question are on one screen of so many rows: the changes with
 * what they cost, then as much of the acknowledgement as fits, its warnings first. What does not fit is counted, and shown by a key.
 */
export const questionScreen = (
  { effects, acknowledgement, beside }: ApprovalQuestion,
  settings: RenderSettings,
  rows: number,
): readonly string[] => {
  const setting = { ...settings, viewpoint: { ...settings.viewpoint, limit: SHOWN_IN_A_QUESTION } }
  const changes = effects.flatMap(({ sentence, cost }): readonly Block[] => [
    text(sentence),
    ...(cost === undefined ? [] : [fields(['costs', cost])]),
  ])
  const open = beside?.open() ?? []
  const reading = open.length > 0 ? [text(`still being read, and shown here as it arrives: ${open.join('; ')}`)] : []
  const above = [...renderBlocks(changes, setting), ...renderBlocks(reading, { ...setting, tone: 'quiet' })]
  const warnings = acknowledgement.filter(({ type }) => type === 'warning')
  const rest = acknowledgement.filter(({ type }) => type !== 'warning')
  const room = Math.max(rows - PROMPT_ROWS - above.length - 1, 0)
  const lines = renderBlocks([...warnings, ...rest], setting)
  const cut = lines.length - room
  const shown = cut > 0 ? lines.slice(0, room) : lines
  const more = cut > 0 ? `and ${cut} more ${cut === 1 ? 'line' : 'lines'}: ` : ''
  const hint = text(`${more}press ${CALLS_KEY} for ${more ? 'all of it, and for ' : ''}each API call with its parameters`)
  return [...above, ...shown, ...renderBlocks([hint], { ...setting, tone: 'quiet' })]
}
