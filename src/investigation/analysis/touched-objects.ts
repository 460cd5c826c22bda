import type { FoldedStores, ObjectTotals, TouchedStore } from '../../incident/facts/activity-rows.ts'
import { RowsOnUse } from '../../incident/values/rows-on-use.ts'
import { inOrder } from './call-totals.ts'
import { type StoreTable, storesOf } from './store-table.ts'
import { addUses, dataReadOf, mergeUses, noUses, type Uses, usesOf } from './store-uses.ts'
import { touchedStore } from './touched-store.ts'
import { letNamesGo, mergeTouches, noTouches, type Touches } from './touches.ts'

/** What the calls of several principals touched. */
export interface TouchedObjects {
  /** The gravest first. */
  readonly rows: RowsOnUse<TouchedStore>
  /** What is not listed, counted by what was done with it. */
  readonly folded: readonly FoldedStores[]
  /** What is left out by a list of so many rows. */
  foldedAfter(rows: number): readonly FoldedStores[]
  readonly totals: ObjectTotals
}

/** Stores that are listed at most, besides those that were changed, destroyed or restored. */
const MOST_STORES = 20_000

/**
 * What the calls of several principals touched, the gravest first. What was changed, destroyed or restored is always listed. Of more
 * other stores than the most, those with the most bytes and calls are listed, of equal ones the earliest, and the rest is counted.
 */
export const touchedObjects = (all: readonly (Touches | undefined)[], most: number = MOST_STORES): TouchedObjects => {
  const stores = storesOf(withoutCopies(all))
  const order = gravestFirst(stores)
  const isListed = Uint8Array.from(order, (store, place) => Number(place < most || isChanged(usesIn(stores, store))))
  const listed = order.filter((_, place) => isListed[place] === 1)
  const rest = order.filter((_, place) => isListed[place] === 0)
  return {
    rows: new RowsOnUse(listed.length, (index) => storeAt(stores, listed[index] ?? 0)),
    folded: foldedStores(stores, rest),
    foldedAfter: (rows) => foldedStores(stores, [...listed.subarray(rows), ...rest]),
    totals: totalsOf(stores, order),
  }
}

/** The records of a console session carry its parent's name, and so are among the parent's too: each counts once. */
const withoutCopies = (all: readonly (Touches | undefined)[]): Touches => {
  const touching = all.filter((touches) => touches !== undefined)
  const [first = noTouches()] = touching
  if (touching.length < 2) {
    letNamesGo(first)
    return first
  }
  const merged = noTouches()
  for (const touches of touching) mergeTouches(merged, touches)
  return merged
}

const usesIn = (stores: StoreTable, store: number): Uses => {
  const uses = noUses()
  for (const calls of stores.callsOf(store)) addUses(uses, calls)
  return uses
}

const storeAt = (stores: StoreTable, store: number): TouchedStore =>
  touchedStore(stores.kindOf(store), stores.nameOf(store), [...stores.callsOf(store)])

const isChanged = ({ written, deleted, restored }: Uses): boolean => written + deleted + restored > 0

/** Kinds whose reading gives credentials away, or opens what is encrypted. */
const SECRETS: ReadonlySet<string> = new Set(['secret', 'parameter'])

const gravityOf = (kind: string, { deleted, read, written, failed }: Uses): number => {
  if (deleted > 0) return 0
  if (read > 0) return SECRETS.has(kind) ? 1 : 2
  if (written > 0) return 3
  return failed > 0 ? 4 : 5
}

/** The numbers of the stores. They are ordered by numbers as far as these differ: names are made on use. */
const gravestFirst = (stores: StoreTable): Uint32Array => {
  const keys = { gravity: new Uint8Array(stores.size), bytes: new Float64Array(stores.size) }
  const [reads, first] = [new Float64Array(stores.size), new Float64Array(stores.size)]
  for (let store = 0; store < stores.size; store += 1) {
    const uses = usesIn(stores, store)
    keys.gravity[store] = gravityOf(stores.kindOf(store), uses)
    keys.bytes[store] = uses.bytesRead
    reads[store] = uses.read
    first[store] = uses.first
  }
  const difference = (values: ArrayLike<number>, a: number, b: number): number => (values[a] ?? 0) - (values[b] ?? 0)
  return Uint32Array.from({ length: stores.size }, (_, store) => store).sort(
    (a, b) =>
      difference(keys.gravity, a, b) ||
      difference(keys.bytes, b, a) ||
      difference(reads, b, a) ||
      difference(first, a, b) ||
      inOrder(stores.kindOf(a), stores.kindOf(b)) ||
      inOrder(stores.nameOf(a), stores.nameOf(b)) ||
      inOrder(stores.regionOf(a), stores.regionOf(b)),
  )
}

/** Stores of one kind with which the same was done, as one row. */
const foldedStores = (stores: StoreTable, numbers: Iterable<number>): readonly FoldedStores[] => {
  const rows = new Map<string, { readonly name: Pick<FoldedStores, 'kind' | 'dataRead'>; stores: number; readonly uses: Uses }>()
  for (const store of numbers) {
    const kind = stores.kindOf(store)
    const uses = usesIn(stores, store)
    const name = { kind, dataRead: dataReadOf(kind, uses, hasDataEvents(stores, store)) }
    const key = [kind, name.dataRead, uses.read > 0, uses.written > 0, uses.deleted > 0, uses.failed > 0].join()
    const row = rows.get(key) ?? { name, stores: 0, uses: noUses() }
    rows.set(key, row)
    row.stores += 1
    mergeUses(row.uses, uses)
  }
  return [...rows.values()].map(({ name, stores: count, uses }) => ({ ...name, stores: count, ...usesOf(uses) }))
}

const hasDataEvents = (stores: StoreTable, store: number): boolean => {
  for (const { call } of stores.callsOf(store)) if (call.category === 'data') return true
  return false
}

/** Sums over the stores that were touched; a role is none. */
const totalsOf = (stores: StoreTable, order: Iterable<number>): ObjectTotals => {
  const kinds: Record<string, number> = {}
  const totals = { readStores: 0, reads: 0, bytesRead: 0, deletions: 0 }
  for (const store of order) {
    const kind = stores.kindOf(store)
    if (kind === 'role') continue
    const { read, bytesRead, deleted } = usesIn(stores, store)
    kinds[kind] = (kinds[kind] ?? 0) + 1
    totals.readStores += Number(read > 0)
    totals.reads += read
    totals.bytesRead += bytesRead
    totals.deletions += deleted
  }
  return { kinds, ...totals }
}
