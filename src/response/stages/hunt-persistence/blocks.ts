import {
  type ExaminedArtefact,
  type LiveSession,
  leavesWayBack,
  type Persistence,
  type Standing,
  standingCounts,
  type UnexplainedKey,
} from '../../../incident/facts/persistence.ts'
import { type Block, heading, type Line, list, text, warning } from '../../../incident/values/block.ts'
import { spansOf } from '../../../incident/values/show.ts'
import { artefactLine, remedyBlocks } from '../../../investigation/sections/persistence.ts'

/**
 * The numbers first, then what is open with its remedy: living sessions and keys before persistence artefacts, because who still gets in
 * makes them all again; and of those the last first, because they stand on one another. Then what is not there.
 */
export const persistenceBlocks = (persistence: Persistence): readonly Block[] => {
  const { artefacts, undone, attempts, liveSessions, unexplainedKeys, incomplete } = persistence
  const open = artefacts.filter(({ standing }) => standing !== 'gone').toReversed()
  const goneRows = artefacts.filter(({ standing }) => standing === 'gone')
  return [
    countBlock(persistence),
    ...(liveSessions.length > 0
      ? [heading('Open live chained sessions', 'CloudTrail', 'IAM'), ...liveSessionBlocks(liveSessions)]
      : []),
    ...(unexplainedKeys.length > 0 ? [heading('Other new keys', 'IAM'), ...unexplainedKeys.flatMap(unexplainedKeyBlocks)] : []),
    ...(open.length > 0 ? [heading('Left behind', 'CloudTrail', 'IAM', 'EC2'), text(ORDER), ...open.flatMap(huntedBlocks)] : []),
    ...listed('Gone', goneRows, ({ artefact, observed }) => [...spansOf(artefactLine(artefact)), ': ', ...observed]),
    ...listed('Taken away again by the session itself', undone, artefactLine),
    ...listed('Tried', attempts, artefactLine),
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

const huntedBlocks = ({ artefact, standing, observed, at, remedy }: ExaminedArtefact): readonly Block[] => [
  list([artefactLine(artefact)]),
  text(SAID[standing], ...observed, ' (looked at ', { at }, ')'),
  ...remedyBlocks({ remedy }),
]

/** Several sessions of one role have one remedy. */
const liveSessionBlocks = (liveSessions: readonly LiveSession[]): readonly Block[] => {
  const remedies = new Map(liveSessions.map(({ remedy }) => ['command' in remedy ? remedy.command : remedy.sentence, remedy]))
  return [list(liveSessions.map(liveSessionLine)), ...[...remedies.values()].flatMap((remedy) => remedyBlocks({ remedy }))]
}

const liveSessionLine = ({ chainedSession, until, observed }: LiveSession): Line => [
  `${chainedSession.how} `,
  chainedSession.roleArn ?? chainedSession.sessionArn ?? 'of no named role',
  ' at ',
  { at: chainedSession.at },
  chainedSession.accessKeyId ? `, key ${chainedSession.accessKeyId}` : '',
  `, event ${chainedSession.eventId}, good until `,
  { at: until },
  ': ',
  ...observed,
]

const unexplainedKeyBlocks = ({ user, accessKeyId, status, createdAt, remedy }: UnexplainedKey): readonly Block[] => [
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
