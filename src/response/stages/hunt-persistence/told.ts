import {
  type Hunted,
  leavesWayBack,
  type OpenDoor,
  type OtherKey,
  type Persistence,
  type Standing,
  standingCounts,
} from '../../../incident/facts/persistence.ts'
import { type Block, heading, type Line, list, text, warning } from '../../../incident/values/block.ts'
import { spansOf } from '../../../incident/values/show.ts'
import { leftoverLine, remedyBlocks } from '../../../investigation/sections/persistence.ts'

/**
 * The numbers first, then what is open with its remedy: living sessions and keys before leftovers, because who still gets in
 * makes them all again; and of those the last first, because they stand on one another. Then what is not there.
 */
export const persistenceBlocks = (persistence: Persistence): readonly Block[] => {
  const { hunted, undone, attempts, doors, otherKeys, incomplete } = persistence
  const open = hunted.filter(({ standing }) => standing !== 'gone').toReversed()
  const goneRows = hunted.filter(({ standing }) => standing === 'gone')
  return [
    countBlock(persistence),
    ...(doors.length > 0 ? [heading('Open doors', 'CloudTrail', 'IAM'), ...doorBlocks(doors)] : []),
    ...(otherKeys.length > 0 ? [heading('Other new keys', 'IAM'), ...otherKeys.flatMap(otherKeyBlocks)] : []),
    ...(open.length > 0 ? [heading('Left behind', 'CloudTrail', 'IAM', 'EC2'), text(ORDER), ...open.flatMap(huntedBlocks)] : []),
    ...listed('Gone', goneRows, ({ leftover, says }) => [...spansOf(leftoverLine(leftover)), ': ', ...says]),
    ...listed('Taken away again by the session itself', undone, leftoverLine),
    ...listed('Tried', attempts, leftoverLine),
    ...(incomplete.length > 0 ? [warning('Not looked at:'), list([...incomplete])] : []),
  ]
}

const ORDER = 'The last one is first: taken away in this order, nothing stands in the way of the next.'

const countBlock = (persistence: Persistence): Block => {
  const counts = standingCounts(persistence)
  if (counts === '') return text('CloudTrail shows no call of it that leaves something behind.')
  return leavesWayBack(persistence) ? warning(`${counts}. Nothing is undone by itself.`) : text(`${counts}.`)
}

const SAID: { readonly [S in Standing]: string } = {
  there: 'STILL THERE: ',
  changed: 'changed: ',
  gone: 'gone: ',
  unknown: 'not known: ',
}

const huntedBlocks = ({ leftover, standing, says, at, remedy }: Hunted): readonly Block[] => [
  list([leftoverLine(leftover)]),
  text(SAID[standing], ...says, ' (looked at ', { at }, ')'),
  ...remedyBlocks({ remedy }),
]

/** Several sessions of one role have one remedy. */
const doorBlocks = (doors: readonly OpenDoor[]): readonly Block[] => {
  const remedies = new Map(doors.map(({ remedy }) => ['command' in remedy ? remedy.command : remedy.sentence, remedy]))
  return [list(doors.map(doorLine)), ...[...remedies.values()].flatMap((remedy) => remedyBlocks({ remedy }))]
}

const doorLine = ({ child, until, says }: OpenDoor): Line => [
  `${child.how} `,
  child.roleArn ?? child.sessionArn ?? 'of no named role',
  ' at ',
  { at: child.at },
  child.accessKeyId ? `, key ${child.accessKeyId}` : '',
  `, event ${child.eventId}, good until `,
  { at: until },
  ': ',
  ...says,
]

const otherKeyBlocks = ({ user, accessKeyId, status, createdAt, remedy }: OtherKey): readonly Block[] => [
  list([
    [
      `access key ${accessKeyId} of user ${user}, made `,
      { at: createdAt },
      `, ${status}: no record of the session shows who made it`,
    ],
  ]),
  ...remedyBlocks({ remedy }),
]

const listed = <T>(title: string, rows: readonly T[], line: (row: T) => Line): readonly Block[] =>
  rows.length === 0 ? [] : [text(`${title}:`), list(rows.map(line))]
