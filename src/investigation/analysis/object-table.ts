import type { ObjectKind, ObjectUse } from '../objects/stores.ts'
import type { Touched } from '../objects/touched.ts'
import { addKey, type KeyTable, keyTable } from './key-table.ts'
import { addText, type TextTable, textTable, textWithNumber } from './text-table.ts'

/**
 * What calls touched, each thing once and by number. It lives as bytes and numbers: hundreds of thousands of secrets as objects take
 * ten times the memory.
 */
export interface ObjectTable {
  readonly texts: TextTable
  /** The numbers of the kind, of the use with two marks, of the stores, and of the item and the detail plus one. */
  readonly keys: KeyTable
}

const PARTS = 5
const USES: readonly ObjectUse[] = ['read', 'listed', 'written', 'deleted', 'restored']
const IS_LIST = 1
const IS_UNNAMED = 2
const MARKS = 4

export const objectTable = (): ObjectTable => ({ texts: textTable(), keys: keyTable(PARTS) })

/** What was touched, without the bytes of the call. */
export type TouchedObject = Omit<Touched, 'bytes'>

/** The number of the object; a new one is added. */
export const numberOfObject = ({ texts, keys }: ObjectTable, touched: TouchedObject): number => {
  const { kind, use, stores, item, detail, isUnnamed } = touched
  const [store = ''] = stores
  const isList = stores.length !== 1
  const numberOf = (text: string | undefined): number => (text === undefined ? 0 : addText(texts, text) + 1)
  return addKey(keys, [
    addText(texts, kind),
    MARKS * USES.indexOf(use) + (isList ? IS_LIST : 0) + (isUnnamed ? IS_UNNAMED : 0),
    addText(texts, isList ? JSON.stringify(stores) : store),
    ...[numberOf(item), numberOf(detail)],
  ])
}

/** The object with this number. */
export const touchedAt = (table: ObjectTable, number: number): TouchedObject => {
  const { texts, keys } = table
  const part = (index: number): number => keys.keys[PARTS * number + index] ?? 0
  const [item, detail] = [part(3), part(4)]
  return {
    ...{ kind: kindAt(table, number), use: useAt(table, number), stores: storesAt(table, number) },
    ...(item > 0 ? { item: textWithNumber(texts, item - 1) } : {}),
    ...(detail > 0 ? { detail: textWithNumber(texts, detail - 1) } : {}),
    ...((part(1) & IS_UNNAMED) === 0 ? {} : { isUnnamed: true as const }),
  }
}

export const useAt = ({ keys }: ObjectTable, number: number): ObjectUse =>
  USES[Math.floor((keys.keys[PARTS * number + 1] ?? 0) / MARKS)] ?? 'listed'

export const kindAt = ({ texts, keys }: ObjectTable, number: number): ObjectKind =>
  textWithNumber(texts, keys.keys[PARTS * number] ?? 0) as ObjectKind

export const storesAt = ({ texts, keys }: ObjectTable, number: number): readonly string[] => {
  const stores = textWithNumber(texts, keys.keys[PARTS * number + 2] ?? 0)
  const isList = ((keys.keys[PARTS * number + 1] ?? 0) & IS_LIST) > 0
  return isList ? (JSON.parse(stores) as string[]) : [stores]
}
