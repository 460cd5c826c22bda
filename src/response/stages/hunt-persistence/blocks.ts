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
 * The numbers, then everything open with its remedy: live sessions and keys come before artefacts, because with them the attacker
 * can create the artefacts again. Last, what is not there.
 */
export const persistenceBlocks = (persistence: Persistence): readonly Block[] => {
  const { artefacts, undone, attempts, liveSessions, unexplainedKeys, incomplete } = persistence
  const open = artefacts.filter(({ standing }) => standing !== 'gone').toReversed()
  const gone = artefacts.filter(({ standing }) => standing === 'gone')
  return [
    countBlock(persistence),
    ...(liveSessions.length > 0
      ? [heading('Live chained sessions', 'CloudTrail', 'IAM'), ...liveSessionBlocks(liveSessions)]
      : []),
    ...(unexplainedKeys.length > 0 ? [heading('Unexplained access keys', 'IAM'), ...unexplainedKeys.flatMap(keyBlocks)] : []),
    ...(open.length > 0
      ? [heading('Persistence artefacts', 'CloudTrail', 'IAM', 'EC2'), text(ORDER), ...open.flatMap(artefactBlocks)]
      : []),
    ...listed('Gone', gone, ({ artefact, observed }) => [...spansOf(artefactLine(artefact)), ': ', ...observed]),
    ...listed('Removed by the session itself', undone, artefactLine),
    ...listed('Failed attempts', attempts, artefactLine),
    ...(incomplete.length > 0 ? [warning('Not looked at:'), list([...incomplete])] : []),
  ]
}

const ORDER = 'The last one comes first. Remove them in this order: a later artefact may depend on an earlier one.'

const countBlock = (persistence: Persistence): Block => {
  const counts = standingCounts(persistence)
  if (counts === '') return text('CloudTrail shows no call that leaves a persistence artefact.')
  return leavesWayBack(persistence) ? warning(`${counts}. ir-cred removes nothing.`) : text(`${counts}.`)
}

const STANDING: { readonly [S in Standing]: string } = {
  there: 'STILL THERE: ',
  changed: 'changed: ',
  gone: 'gone: ',
  unknown: 'unknown: ',
}

const artefactBlocks = ({ artefact, standing, observed, at, remedy }: ExaminedArtefact): readonly Block[] => [
  list([artefactLine(artefact)]),
  text(STANDING[standing], ...observed, ' (observed ', { at }, ')'),
  ...remedyBlocks({ remedy }),
]

/** Sessions of one role share one remedy. */
const liveSessionBlocks = (liveSessions: readonly LiveSession[]): readonly Block[] => {
  const remedies = new Map(liveSessions.map(({ remedy }) => ['command' in remedy ? remedy.command : remedy.sentence, remedy]))
  return [list(liveSessions.map(liveSessionLine)), ...[...remedies.values()].flatMap((remedy) => remedyBlocks({ remedy }))]
}

const liveSessionLine = ({ chainedSession, until, observed }: LiveSession): Line => [
  `${chainedSession.how} `,
  chainedSession.roleArn ?? chainedSession.sessionArn ?? 'of an unnamed role',
  ' at ',
  { at: chainedSession.at },
  chainedSession.accessKeyId ? `, key ${chainedSession.accessKeyId}` : '',
  `, event ${chainedSession.eventId}, expires `,
  { at: until },
  ': ',
  ...observed,
]

const keyBlocks = ({ user, accessKeyId, status, createdAt, remedy }: UnexplainedKey): readonly Block[] => [
  list([
    [
      `access key ${accessKeyId} of user ${user}, created `,
      { at: createdAt },
      `, ${status}: no event of the session shows who created it`,
    ],
  ]),
  ...remedyBlocks({ remedy }),
]

const listed = <T>(title: string, rows: readonly T[], line: (row: T) => Line): readonly Block[] =>
  rows.length === 0 ? [] : [text(`${title}:`), list(rows.map(line))]
