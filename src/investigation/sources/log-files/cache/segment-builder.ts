import { gzipSync } from 'node:zlib'
import { UUID } from '../../../../incident/values/identifiers.ts'
import { redactJson } from '../../../../incident/values/redaction/redact-json.ts'
import { rawText } from '../../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../record.ts'
import { CALL, CALLER, jsonOf, partsName, restOfRecord } from './record-parts.ts'
import { type CachedFile, ID_LENGTH, type KnownFile, NONE, PREFACE, ROW, SECTIONS, type SectionName } from './segment-layout.ts'

/** Collects records until there are enough for a segment. */
export interface SegmentBuilder {
  readonly files: CachedFile[]
  readonly uncacheable: KnownFile[]
  readonly callers: TextTable
  readonly calls: TextTable
  readonly sources: TextTable
  readonly agents: TextTable
  rows: Buffer
  count: number
  /** For each caller its role or user. */
  readonly rolesAndUsers: string[]
  /** For each row the number of its caller, and the rest of its record. */
  readonly callerOf: number[]
  readonly rest: (string | undefined)[]
  restLength: number
}

const FIRST_ROWS = 4096
/** A segment with so many rows, bytes of rest or files is full. */
const FULL_ROWS = 24_576
const FULL_REST = 12 * 2 ** 20
const FULL_FILES = 8192

export const segmentBuilder = (): SegmentBuilder => ({
  files: [],
  uncacheable: [],
  ...{ callers: textTable(), calls: textTable(), sources: textTable(), agents: textTable() },
  rows: Buffer.alloc(FIRST_ROWS * ROW.length),
  count: 0,
  ...{ rolesAndUsers: [], callerOf: [], rest: [], restLength: 0 },
})

export const isFull = ({ count, restLength, files, uncacheable }: SegmentBuilder): boolean =>
  count >= FULL_ROWS || restLength >= FULL_REST || files.length + uncacheable.length >= FULL_FILES

/** Adds a record of the file that will be added to `files` next. */
export const addRecord = (builder: SegmentBuilder, record: CloudTrailRecord): void => {
  const start = builder.count * ROW.length
  if (start === builder.rows.length) builder.rows = Buffer.concat([builder.rows, Buffer.alloc(start)])
  const { rows, calls, sources, agents, files } = builder
  const source = rawText(record.source)
  const agent = rawText(record.userAgent)
  rows.writeUInt32LE(
    textNumber(calls, partsName(record, CALL), () => redactJson(jsonOf(record, CALL))),
    start + ROW.call,
  )
  rows.writeUInt32LE(
    textNumber(sources, source, () => JSON.stringify(source)),
    start + ROW.source,
  )
  rows.writeUInt32LE(
    textNumber(agents, agent, () => JSON.stringify(agent)),
    start + ROW.agent,
  )
  rows.writeUInt32LE(files.length, start + ROW.file)
  rows.writeDoubleLE(Date.parse(record.at), start + ROW.at)
  rows.writeDoubleLE(record.issuedAt === undefined ? Number.NaN : Date.parse(record.issuedAt), start + ROW.issuedAt)
  builder.callerOf.push(callerNumber(builder, record))
  addRest(builder, record, start + ROW.id)
  builder.count += 1
}

const callerNumber = ({ callers, rolesAndUsers }: SegmentBuilder, record: CloudTrailRecord): number =>
  textNumber(callers, partsName(record, CALLER), () => {
    rolesAndUsers.push(record.roleArn ?? record.roleName ?? record.userName ?? record.principalId ?? '')
    return redactJson(jsonOf(record, CALLER))
  })

/** An event id that is not a UUID is stored with the rest. */
const addRest = (builder: SegmentBuilder, record: CloudTrailRecord, idAt: number): void => {
  const { eventId } = record
  const isUuid = UUID.test(eventId)
  if (isUuid) builder.rows.write(eventId.replaceAll('-', ''), idAt, ID_LENGTH, 'hex')
  const rest = isUuid ? restOfRecord(record) : { ...restOfRecord(record), eventId }
  const text = rest && redactJson(JSON.stringify(rest))
  builder.rest.push(text)
  builder.restLength += text?.length ?? 0
}

/** Removes all records after the first `count`. */
export const removeRecordsAfter = (builder: SegmentBuilder, count: number): void => {
  builder.count = count
  builder.callerOf.length = count
  builder.rest.length = count
}

/**
 * The segment as bytes. Rows are ordered by caller, and callers by role or user, so that one read gets all rows of a role or
 * user.
 */
export const buildSegment = (builder: SegmentBuilder, writer: string): Buffer => {
  const callers = callersInOrder(builder)
  const places = new Uint32Array(callers.length)
  callers.forEach((caller, place) => {
    places[caller] = place
  })
  const callerOf = builder.callerOf.map((caller) => places[caller] ?? 0)
  const order = byCaller(callerOf, callers.length)
  const rest = compressRest(builder, order)
  const callerTexts = packTexts(callers.map((caller) => builder.callers.texts[caller] ?? ''))
  const calls = packTexts(builder.calls.texts)
  const sources = packTexts(builder.sources.texts)
  const agents = packTexts(builder.agents.texts)
  return assemble(builder, writer, {
    ...{ callers: callerTexts.text, callerStarts: callerTexts.starts, callerRows: uint32s(firstRows(callerOf, callers.length)) },
    ...{ calls: calls.text, callStarts: calls.starts },
    ...{ sources: sources.text, sourceStarts: sources.starts },
    ...{ agents: agents.text, agentStarts: agents.starts },
    rows: rowsInOrder(builder, order),
    ...{ rest: rest.blocks, restBlocks: rest.starts },
  })
}

const callersInOrder = ({ rolesAndUsers }: SegmentBuilder): readonly number[] => {
  const callers = rolesAndUsers.map((_, caller) => caller)
  return callers.sort((a, b) => {
    const [one = '', other = ''] = [rolesAndUsers[a], rolesAndUsers[b]]
    return one < other ? -1 : one > other ? 1 : a - b
  })
}

const rowsInOrder = ({ rows }: SegmentBuilder, order: Uint32Array): Buffer => {
  const sorted = Buffer.allocUnsafe(order.length * ROW.length)
  order.forEach((row, place) => {
    rows.copy(sorted, place * ROW.length, row * ROW.length, (row + 1) * ROW.length)
  })
  return sorted
}

const assemble = (builder: SegmentBuilder, writer: string, parts: Readonly<Record<SectionName, Buffer>>): Buffer => {
  const sections: Partial<Record<SectionName, readonly [number, number]>> = {}
  let offset = 0
  for (const name of SECTIONS) {
    sections[name] = [offset, parts[name].length]
    offset += parts[name].length
  }
  const { files, uncacheable, count, callers } = builder
  const header = Buffer.from(JSON.stringify({ writer, files, uncacheable, rows: count, callers: callers.texts.length, sections }))
  const preface = Buffer.alloc(PREFACE.length)
  preface.write(PREFACE.mark, 'latin1')
  preface.writeUInt32LE(header.length, PREFACE.headerLength)
  preface.writeDoubleLE(preface.length + header.length + offset, PREFACE.wholeLength)
  return Buffer.concat([preface, header, ...SECTIONS.map((name) => parts[name])])
}

/** The rows ordered by caller, and for one caller in the order in which they were added. */
const byCaller = (callerOf: readonly number[], callers: number): Uint32Array => {
  const next = firstRows(callerOf, callers)
  const order = new Uint32Array(callerOf.length)
  callerOf.forEach((caller, row) => {
    const place = next[caller] ?? 0
    next[caller] = place + 1
    order[place] = row
  })
  return order
}

/** For each caller its first row; after the last caller, the number of rows. */
const firstRows = (callerOf: readonly number[], callers: number): number[] => {
  const starts = new Array<number>(callers + 1).fill(0)
  for (const caller of callerOf) starts[caller + 1] = (starts[caller + 1] ?? 0) + 1
  for (let caller = 1; caller <= callers; caller += 1) starts[caller] = (starts[caller] ?? 0) + (starts[caller - 1] ?? 0)
  return starts
}

/** The rest is compressed in blocks of this size: reading one text decompresses a block. Bytes. */
const BLOCK = 64 * 2 ** 10
const FASTEST_LEVEL = 1

/** Compresses the rest of the records in blocks, and writes into each row where its rest is. */
const compressRest = ({ rest, rows }: SegmentBuilder, order: Uint32Array) => {
  const blocks: Buffer[] = []
  const starts = [0]
  let texts: string[] = []
  let length = 0
  const close = (): void => {
    const block = gzipSync(texts.join(''), { level: FASTEST_LEVEL })
    blocks.push(block)
    starts.push((starts.at(-1) ?? 0) + block.length)
    texts = []
    length = 0
  }
  for (const row of order) {
    const text = rest[row]
    rows.writeUInt32LE(text === undefined ? NONE : blocks.length, row * ROW.length + ROW.restBlock)
    if (text === undefined) continue
    rows.writeUInt32LE(length, row * ROW.length + ROW.restOffset)
    texts.push(text, '\n')
    length += Buffer.byteLength(text) + 1
    if (length >= BLOCK) close()
  }
  if (texts.length > 0) close()
  return { blocks: Buffer.concat(blocks), starts: uint32s(starts) }
}

/** Distinct texts, numbered in the order in which they were added. */
interface TextTable {
  readonly texts: string[]
  /** By name. */
  readonly numbers: Map<string, number>
}

const textTable = (): TextTable => ({ texts: [], numbers: new Map() })

/** The number of the text with this name. `text` is called only for a new name. */
const textNumber = ({ texts, numbers }: TextTable, name: string, text: () => string): number => {
  const known = numbers.get(name)
  if (known !== undefined) return known
  numbers.set(name, texts.length)
  return texts.push(text()) - 1
}

/** The texts as lines (no text contains a line break), and where each line starts and the last one ends. */
const packTexts = (texts: readonly string[]): { readonly text: Buffer; readonly starts: Buffer } => {
  let at = 0
  const starts = texts.map((text) => {
    at += Buffer.byteLength(text) + 1
    return at
  })
  return { text: Buffer.from(`${texts.join('\n')}\n`), starts: uint32s([0, ...starts]) }
}

/** Whole numbers as 4 bytes each. */
const uint32s = (values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, 4 * index)
  })
  return bytes
}
