import { type Entry, isDrill } from '../incident/entry.ts'
import { endOfResponse, type Incident } from '../incident/incident.ts'
import type { StillToDo } from '../incident/left-to-do.ts'
import { stillToDo } from '../incident/still-to-do.ts'
import { type Block, code, list, text } from '../incident/values/block.ts'

/** What the journal leaves to do, the most dangerous first: everything, each with its command. The alarms stand in the summary. */
export const stillToDoBlocks = (incident: Incident, entries: readonly Entry[]): readonly Block[] => {
  const { id, setting, facts } = incident
  const ended = endOfResponse(entries)
  if (ended?.ending === 'falseAlarm') return [text('Nothing: a person declared a false alarm.')]
  const left = stillToDo(incident, {
    alarms: ended?.alarms ?? facts.closure?.alarms ?? [],
    unproven: ended?.unproven ?? facts.closure?.unproven ?? [],
    ...(setting && !isDrill(setting)
      ? {
          commands: {
            resume: `\`ir-cred respond --incident ${id}\``,
            findingsOn: (key: string) => `\`ir-cred findings --region ${setting.region} --access-key-id ${key}\``,
            lift: `\`ir-cred lift ${id}\``,
          },
        }
      : {}),
  })
  if (left.length === 0) return [text('The journal leaves nothing to do.')]
  const others = left.filter(({ kind }) => kind !== 'alarm')
  return [...(others.length < left.length ? [text('Answer the alarms above first.')] : []), ...others.flatMap(blocksOf)]
}

const blocksOf = ({ sentence, command }: StillToDo): readonly Block[] => [
  list([sentence]),
  ...(command === undefined ? [] : [command.startsWith('`') ? text(command) : code(command)]),
]
