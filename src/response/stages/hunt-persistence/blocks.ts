import {
  type LiveSession,
  leavesWayBack,
  type Persistence,
  type Standing,
  standingCounts,
  type UnexplainedKey,
  type WayBack,
  waysBack,
} from '../../../incident/facts/persistence.ts'
import { type Block, heading, type Line, list, text, warning } from '../../../incident/values/block.ts'
import { spansOf } from '../../../incident/values/show.ts'
import { artefactLine, remedyBlocks } from '../../../investigation/sections/persistence.ts'

/**
 * The numbers, then every way back with its remedy, in the order of danger: sessions, keys and artefacts together, because a session
 * that is revoked before the trust behind it is closed comes back. Last, what is not there.
 */
export const persistenceBlocks = (persistence: Persistence): readonly Block[] => {
  const { artefacts, undone, attempts, incomplete } = persistence
  const open = waysBack(persistence)
  const gone = artefacts.filter(({ standing }) => standing === 'gone')
  return [
    countBlock(persistence),
    ...(open.length > 0
      ? [
          heading('Ways back', 'CloudTrail', 'IAM', 'EC2'),
          text(ORDER),
          ...open.flatMap((way) => [...wayBlocks(way), ...remedyBlocks(way)]),
        ]
      : []),
    ...listed('Gone', gone, ({ artefact, observed }) => [...spansOf(artefactLine(artefact)), ': ', ...observed]),
    ...listed('Removed by the session itself', undone, artefactLine),
    ...listed('Failed attempts', attempts, artefactLine),
    ...(incomplete.length > 0 ? [warning('Not looked at:'), list([...incomplete])] : []),
  ]
}

const ORDER =
  'The most dangerous one comes first: a credential that was used, other credentials, trusts, sessions, permissions, code and machines, defences, data, and what these were on. Remove them in this order.'

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

const wayBlocks = (way: WayBack): readonly Block[] => {
  switch (way.kind) {
    case 'artefact': {
      const { artefact, standing, observed, at } = way.examined
      return [list([artefactLine(artefact)]), text(STANDING[standing], ...observed, ' (observed ', { at }, ')')]
    }
    case 'session':
      return [list(way.sessions.map(liveSessionLine))]
    case 'key':
      return [list([keyLine(way.key)])]
  }
}

const liveSessionLine = ({ chainedSession, until, observed }: LiveSession): Line => [
  `LIVE: chained session, ${chainedSession.how} `,
  chainedSession.roleArn ?? chainedSession.sessionArn ?? 'of an unnamed role',
  ' at ',
  { at: chainedSession.at },
  chainedSession.accessKeyId ? `, key ${chainedSession.accessKeyId}` : '',
  `, event ${chainedSession.eventId}, expires `,
  { at: until },
  ': ',
  ...observed,
]

const keyLine = ({ user, accessKeyId, status, createdAt }: UnexplainedKey): Line => [
  `UNEXPLAINED: access key ${accessKeyId} of user ${user}, created `,
  { at: createdAt },
  `, ${status}: no event of the session shows who created it`,
]

const listed = <T>(title: string, rows: readonly T[], line: (row: T) => Line): readonly Block[] =>
  rows.length === 0 ? [] : [text(`${title}:`), list(rows.map(line))]
