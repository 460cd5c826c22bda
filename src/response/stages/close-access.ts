import type { Access, AccessWay } from '../../incident/facts/access.ts'
import { openSources } from '../../incident/facts/issue.ts'
import { recipientOf } from '../../incident/facts/recipient.ts'
import { holderWords, type Subject } from '../../incident/facts/subject.ts'
import { type Block, fields, text } from '../../incident/values/block.ts'
import { type Context, defineStage, established, notApplicable } from '../stage.ts'
import { anywhereWays } from './close-access/anywhere.ts'
import { certificateWays } from './close-access/certificate.ts'
import { functionPolicyWays } from './close-access/function-policy.ts'
import { functionUrlWays } from './close-access/function-url.ts'
import { identityPoolWays } from './close-access/identity-pool.ts'
import {
  assumedClosed,
  denyOnceMore,
  issuesSessions,
  laterCutoffEffects,
  laterCutoffWays,
  standingDenies,
} from './close-access/later-cutoff.ts'
import { metadataWays } from './close-access/metadata-options.ts'
import { podAssociationWays } from './close-access/pod-association.ts'
import { trustWays } from './close-access/trust.ts'
import { loginProfileWays, mfaWays, parentKeyWays } from './close-access/user-ways.ts'
import { CLOSE_ACCESS, type Closing, type FoundWay } from './close-access/way.ts'
import { attemptChange } from './refused-change.ts'

/**
 * Closes what can issue new credentials, which a dated deny does not reach: the long-term key behind a session, a console password that
 * was set since the theft, an identity that the role's trust policy lets in, a profile of IAM Roles Anywhere that gives the role to
 * certificates, an association that gives it to pods, an identity pool that gives it to guests, a function's public URLs and
 * policies, and IMDSv1 on the instance before it starts again. Then the cut-off of the revocation is moved past it. Each of these changes what somebody else
 * set up, so an approval of everything does not count for it; without it the run goes on, and what is open is listed with its command.
 */
export const closeAccess = defineStage({
  id: CLOSE_ACCESS,
  phase: 'contain',
  title: 'Close what can issue new credentials',
  needs: ['finding', 'subject', 'revocation'],
  establishes: 'access',
  moves: ['revocation'],

  async assess(incident, context) {
    const found = await findWays(incident, context)
    if (found.length === 0) return notApplicable(nothingToClose(incident.facts.subject))
    const closings = found.flatMap(({ closing }) => (closing ? [closing] : []))
    const access = { ways: found.map(({ way }) => way) }
    if (closings.length === 0) return established<Access>(access)
    const effects = closings.flatMap((closing) => closing.effects)
    return {
      status: 'needed',
      effects: [...effects, ...(await laterCutoffEffects(incident, found, context))],
      isSeen: standingDenies(found),
      expected: assumedClosed(found),
      otherwise: access,
      byName: 'it changes what others set up, beyond the stolen credentials',
      goesOn: true,
      acknowledgement: [
        text(
          'The revocation denies what was issued before its cut-off. These can issue new credentials, or let somebody read them:',
        ),
        ...wayBlocks(access.ways),
        text('Without this change the response goes on; the end lists what is open, with the command for each.'),
      ],
    }
  },

  async act(incident, context) {
    const before = await findWays(incident, context)
    const [later, ways] = [
      before.find(({ way }) => way.kind === 'later-cutoff'),
      before.filter(({ way }) => way.kind !== 'later-cutoff'),
    ]
    for (const { closing } of ways) if (closing) await attemptChange(() => closing.close(context), context)
    const closed = await closedOf(
      ways.filter(({ closing }) => closing),
      incident,
      context,
    )
    if (later?.closing || closed.some(issuesSessions)) await attemptChange(() => denyOnceMore(incident, context), context)
  },

  recheck: {
    after: [],
    async look(incident, context) {
      const closed = incident.facts.access.ways.filter(({ state }) => state === 'closed')
      const now = await findWays(incident, context)
      const opened = now.filter(({ way }) => way.state === 'open' && closed.some((before) => isSameWay(before, way)))
      if (opened.length > 0)
        return { stands: false, says: opened.map(({ way }) => `OPEN AGAIN: ${way.what} ${way.says}`).join('; ') }
      return {
        stands: true,
        says: closed.length === 0 ? 'nothing was closed' : `closed: ${closed.map(({ what }) => what).join(', ')}`,
      }
    },
  },

  describe: ({ ways }) => wayBlocks(ways),
})

/** Seconds in which what was changed may still become visible. */
const VISIBLE = 30

const FINDERS: readonly ((incident: Closing, context: Context) => Promise<readonly FoundWay[]>)[] = [
  parentKeyWays,
  loginProfileWays,
  mfaWays,
  trustWays,
  anywhereWays,
  certificateWays,
  identityPoolWays,
  podAssociationWays,
  metadataWays,
  functionUrlWays,
  functionPolicyWays,
]

/** Those of the ways that were changed just now and are seen to be closed, as soon as all are or the time is up. */
const closedOf = async (changed: readonly FoundWay[], incident: Closing, context: Context): Promise<readonly AccessWay[]> => {
  let closed: readonly AccessWay[] = []
  await context.settle({ what: 'the changes to become visible', kind: 'change-visible', within: VISIBLE }, async () => {
    const open = (await Promise.all(FINDERS.map((find) => find(incident, context))))
      .flat()
      .filter(({ way }) => way.state !== 'closed')
    closed = changed.map(({ way }) => way).filter((way) => !open.some((one) => isSameWay(one.way, way)))
    return closed.length === changed.length ? true : undefined
  })
  return closed
}

/** Every way, as it is now; what was issued until the last was closed comes last. */
const findWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const ways = (await Promise.all(FINDERS.map((find) => find(incident, context)))).flat()
  return [...ways, ...(await laterCutoffWays(incident, ways, context))]
}

const isSameWay = (a: AccessWay, b: AccessWay): boolean => a.kind === b.kind && a.resource === b.resource && a.source === b.source

const wayBlocks = (ways: readonly AccessWay[]): readonly Block[] => [
  fields(...ways.map(({ state, what, says }): readonly [string, string] => [LABELS[state], `${what} ${says}`])),
]

const LABELS: Readonly<Record<AccessWay['state'], string>> = { closed: 'closed', open: 'OPEN', unknown: 'not known' }

/** Why there is nothing to close, and what else may issue credentials. */
const nothingToClose = (subject: Subject): string => {
  const others =
    openSources(subject).length > 0 ? '; what obtained the session is an alarm of its own, with what contains it' : ''
  if (subject.kind === 'user-key')
    return `the key itself is made inactive with the revocation, and no console password since the theft is known of ${holderWords(subject)}${others}`
  if (subject.kind !== 'role-session')
    return `no parent key, and no console password since the theft, is known of ${holderWords(subject)}${others}`
  const { words, kind } = recipientOf(subject)
  if (kind === 'unknown') return `CloudTrail does not show who obtained the session (yet)${others}`
  return `the session was issued to ${words}: no key, no trusted identity and no metadata service of an instance is known that ir-cred could close${others}`
}
