import type { Effect } from '../incident/entry.ts'
import { asciiJson, flattenUntrusted, rawLine, show } from '../incident/values/show.ts'
import type { Ended, Event, Listener } from '../response/ports.ts'
import { flatten, type TextRules } from './flatten.ts'
import type { Surface } from './surface.ts'

/**
 * Events for programs: NDJSON, one event a line, printable ASCII. Texts are complete and raw inside their JSON strings, so
 * a program that prints them must escape them. Alarms are also written to the error stream, for people.
 */
export const jsonView = (surface: Surface): Listener => ({
  hear: (event) => {
    const shape = shapeOf(event, surface.verbose)
    if (shape) surface.out.write(`${asciiJson(shape)}\n`)
    if (event.type === 'alarm') surface.err.write(`ALARM: ${show(event.text, 'tty')}\n`)
  },
})

const shapeOf = (event: Event, verbose: boolean): object | undefined => {
  switch (event.type) {
    case 'call':
    case 'progress':
      return verbose ? event : undefined
    case 'assessed':
      return { ...event, effects: event.effects.map(effectShape) }
    case 'described':
      return event.blocks.length === 0 ? undefined : { ...event, blocks: undefined, lines: flatten(event.blocks, RAW) }
    case 'ended':
      return endedShape(event)
    default:
      return flattenUntrusted(event) as object
  }
}

const effectShape = ({ operation, resource, sentence, cost, undo, undoCommand, parameters }: Effect): object => ({
  operation,
  resource,
  sentence,
  cost,
  undo,
  undoCommand,
  parameters,
})

const endedShape = ({
  type,
  ending,
  exitCode,
  incident,
  writes,
  otherWrites,
  unproven,
  alarms,
  stillToDo,
  report,
  continueWith,
}: Ended): object => ({
  type,
  ending,
  exitCode,
  incident,
  writes,
  otherWrites,
  unproven,
  alarms,
  stillToDo: stillToDo?.map(({ kind, sentence, command }) => ({ kind, sentence: rawLine(sentence), command })),
  report,
  continueWith,
})

const RAW: TextRules = { line: rawLine, own: (text) => text }
