import type { Activity } from '../../incident/facts/activity.ts'
import type {
  DataRead,
  Deletion,
  FoldedStores,
  ObjectTotals,
  TouchCounts,
  TouchedItem,
  TouchedStore,
} from '../../incident/facts/activity-rows.ts'
import { type Block, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { byteAmount } from '../../incident/values/byte-amount.ts'
import { quantity } from './listing.ts'
import { remedyBlocks } from './persistence.ts'

/** Lines that are shown; the JSON line has everything. */
const MOST = 40
/** Names in a line, and things in a store, that are shown. */
const FEW = 5

/** What was touched, whether data was read from it, and what was destroyed, with the way back. */
export const objectBlocks = ({ objects }: Pick<Activity, 'objects'>): readonly Block[] => {
  const touched = objects?.rows.filter(({ kind }) => kind !== ROLE) ?? []
  if (objects === undefined || touched.length === 0) return [text(NOTHING)]
  const { totals } = objects
  const kinds = Object.entries(totals.kinds)
  const all = kinds.reduce((sum, [, count]) => sum + count, 0)
  return [
    text(`${quantity(all, 'object')} touched: ${kinds.map(([kind, count]) => quantity(count, kind)).join(', ')}.`),
    ...readBlocks(totals),
    list(cutLines(objectLines(touched, objects.folded?.filter(({ kind }) => kind !== ROLE) ?? []))),
    ...destroyedBlocks(touched, totals),
  ]
}

const NOTHING =
  'The records hold no call that names a bucket, secret, parameter, KMS key, snapshot, database, function or instance.'

/** A role is no store: a refused one is shown with the failed calls. */
const ROLE = 'role'

/** The roles that refused to be assumed. */
export const refusedRoles = (rows: readonly TouchedStore[]): readonly TouchedStore[] =>
  rows.filter(({ kind, failed }) => kind === ROLE && failed > 0)

const cutLines = (lines: readonly Line[]): readonly Line[] =>
  lines.length <= MOST ? lines : [...lines.slice(0, MOST), `${lines.length - MOST} more lines are not shown here`]

const readBlocks = ({ readStores, reads, bytesRead }: ObjectTotals): readonly Block[] => {
  if (readStores === 0) return []
  const amount = bytesRead > 0 ? `, ${byteAmount(bytesRead)} as far as the records say` : ''
  return [warning(`Data was read from ${quantity(readStores, 'object')} by ${quantity(reads, 'call')}${amount}.`)]
}

/** Stores of one kind with which the same was done are one line: nobody reads 40 lines of parameters. */
const groupKey = ({ kind, dataRead, read, written, deleted, failed }: TouchedStore | FoldedStores): string =>
  [kind, dataRead, read > 0, written > 0, deleted > 0, failed > 0].join()

/** Stores whose things are named have lines of their own. What is not listed counts with its equals. */
const objectLines = (touched: readonly TouchedStore[], folded: readonly FoldedStores[]): readonly Line[] => {
  const rest = new Map(folded.map((row) => [groupKey(row), row]))
  const lines = groupsOf(touched, (store) => `${groupKey(store)} ${store.itemsAll > 0}`).flatMap((stores) => {
    const [first] = stores
    if (!first) return []
    const key = groupKey(first)
    const more = first.itemsAll > 0 ? undefined : rest.get(key)
    if (more) rest.delete(key)
    return groupLines(stores, more)
  })
  return [...lines, ...[...rest.values()].flatMap((row) => groupLines([], row))]
}

const groupsOf = <T>(things: readonly T[], key: (thing: T) => string): readonly (readonly T[])[] => {
  const groups = new Map<string, T[]>()
  for (const thing of things) {
    const group = groups.get(key(thing))
    if (group) group.push(thing)
    else groups.set(key(thing), [thing])
  }
  return [...groups.values()]
}

const groupLines = (stores: readonly TouchedStore[], folded?: FoldedStores): readonly Line[] => {
  const [first] = stores
  const one = first ?? folded
  if (!one) return []
  if (!folded && (stores.length === 1 || (first?.itemsAll ?? 0) > 0)) return stores.flatMap(storeLines)
  const sum = sumOf(folded ? [...stores, folded] : stores)
  return [[...names(one.kind, stores, folded?.stores), ...useWords(sum, one.kind), `; data read: ${answerTo(one.dataRead, sum)}`]]
}

const storeLines = (store: TouchedStore): readonly Line[] => {
  const shown = store.items.slice(0, FEW)
  const more = store.itemsAll - shown.length
  return [
    [`${store.kind} `, store.store, ...useWords(store, store.kind), `; data read: ${answerTo(store.dataRead, store)}`],
    ...shown.map((item): Line => ['  ', item.item, ...itemWords(item, store.kind)]),
    ...(more > 0 ? [`  ${quantity(more, 'more name')} in it`] : []),
    ...(store.unnamedCalls > 0 ? [`  ${quantity(store.unnamedCalls, 'call')} of others: --timeline names them`] : []),
  ]
}

const names = (kind: string, stores: readonly Pick<TouchedStore, 'store'>[], folded = 0): readonly Span[] => {
  const all = stores.length + folded
  const shown = stores.slice(0, FEW).flatMap<Span>(({ store }, index) => (index > 0 ? [', ', store] : [store]))
  if (all === 1) return [`${kind} `, ...shown]
  if (shown.length === 0) return [quantity(all, kind)]
  const more = all - Math.min(stores.length, FEW)
  return [`${quantity(all, kind)} (`, ...shown, more > 0 ? ` and ${more.toLocaleString('en-US')} more` : '', ')']
}

type Uses = Omit<TouchCounts, 'firstSeen' | 'lastSeen'>

const sumOf = (stores: readonly Uses[]): Uses => {
  const sum = (count: (store: Uses) => number): number => stores.reduce((total, store) => total + count(store), 0)
  return {
    ...{ read: sum(({ read }) => read), listed: sum(({ listed }) => listed), written: sum(({ written }) => written) },
    ...{ deleted: sum(({ deleted }) => deleted), restored: sum(({ restored }) => restored), failed: sum(({ failed }) => failed) },
    ...{ dryRuns: sum(({ dryRuns }) => dryRuns), bytesRead: sum(({ bytesRead }) => bytesRead) },
    bytesWritten: sum(({ bytesWritten }) => bytesWritten),
  }
}

const useWords = (uses: Uses, kind: string): readonly Span[] => [`: ${wordsFor(uses, kind).join(', ')}`]

const wordsFor = ({ read, written, deleted, restored, listed, failed, dryRuns, bytesRead, bytesWritten }: Uses, kind: string) => [
  ...(deleted > 0 ? [`deleted ${times(deleted)}`] : []),
  ...(restored > 0 ? [`restored ${times(restored)}`] : []),
  ...(read > 0 ? [`${kind === 'KMS key' ? 'used for data' : 'read'} ${times(read)}${amountOf(bytesRead)}`] : []),
  ...(written > 0 ? [`${kind === 'function' ? 'called or changed' : 'changed'} ${times(written)}${amountOf(bytesWritten)}`] : []),
  ...(listed > 0 ? [`described ${times(listed)}`] : []),
  ...(failed > 0 ? [`failed ${times(failed)}`] : []),
  ...(dryRuns > 0 ? [`${quantity(dryRuns, 'dry run')} that would have succeeded`] : []),
]

const amountOf = (bytes: number): string => (bytes > 0 ? ` (${byteAmount(bytes)})` : '')

const itemWords = (item: TouchedItem, kind: string): readonly Span[] => [
  ...useWords(item, kind),
  ', ',
  { at: item.firstSeen },
  ...(item.lastSeen === item.firstSeen ? [] : [' to ', { at: item.lastSeen }]),
]

const ANSWERS: Readonly<Record<DataRead, string>> = {
  yes: 'yes',
  refused: 'no call succeeded',
  'not in the records': 'the records hold no such call',
  'data events not recorded': 'not known: data events are not recorded there, or there was none',
  'not recorded by CloudTrail': 'the records hold no such call, and CloudTrail does not record all ways',
}

const answerTo = (dataRead: DataRead, { bytesRead }: Pick<Uses, 'bytesRead'>): string =>
  dataRead === 'yes' && bytesRead > 0 ? `yes, ${byteAmount(bytesRead)}` : ANSWERS[dataRead]

const times = (count: number): string => (count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`)

interface StoreDeletion {
  readonly store: TouchedStore
  readonly deletion: Deletion
}

const destroyedBlocks = (rows: readonly TouchedStore[], { deletions }: ObjectTotals): readonly Block[] => {
  const all = rows.flatMap((store) => store.deletions.map((deletion) => ({ store, deletion })))
  if (all.length === 0) return []
  const listed = all.reduce((sum, { deletion }) => sum + deletion.events, 0)
  return [
    warning(`${quantity(deletions, 'call')} destroyed something. The ways back:`),
    ...groupsOf(all, deletionKey).slice(0, MOST).flatMap(deletionBlocks),
    ...(deletions > listed
      ? [text(`${quantity(deletions - listed, 'more call')} destroyed something that is not listed here.`)]
      : []),
  ]
}

/** What is had back in the same way, and has the same note. */
const deletionKey = ({ store, deletion: { event, isRestored, wayBack } }: StoreDeletion): string =>
  [store.kind, event, isRestored, 'command' in wayBack ? wayBack.note : wayBack.sentence].join('\n')

const deletionBlocks = (group: readonly StoreDeletion[]): readonly Block[] => {
  const [first] = group
  if (!first) return []
  const events = group.reduce((sum, { deletion }) => sum + deletion.events, 0)
  const last =
    group
      .map(({ deletion }) => deletion.last)
      .toSorted()
      .at(-1) ?? first.deletion.last
  const { event, isRestored, wayBack } = first.deletion
  const line: Line = [
    ...names(
      first.store.kind,
      group.map(({ store }) => store),
    ),
    `: ${event}${events === 1 ? '' : ` ${times(events)}, the last`} at `,
    { at: last },
    isRestored ? ', restored afterwards' : '',
  ]
  const commands = group.flatMap(({ deletion: { wayBack: way } }) => ('command' in way ? [way.command] : []))
  const note = 'command' in wayBack ? wayBack.note : wayBack.sentence
  return [
    list([line]),
    ...(isRestored ? [] : commands.slice(0, FEW).flatMap((command) => remedyBlocks({ remedy: { command } }))),
    ...(isRestored || note === undefined ? [] : [text(note)]),
  ]
}
