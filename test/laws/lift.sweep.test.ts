import { readFileSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { laterCalls } from '../../src/aws/later-calls.ts'
import type { Entry } from '../../src/incident/entry.ts'
import { replay } from '../../src/incident/incident.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { type Asked, askedBy } from '../faults/operation.ts'
import { allowing } from '../support/account.ts'
import { documentsIn, hoursLater, type LiftRan, liftOnDisk, type Responded, respondedTo, stateRoots } from '../support/lifting.ts'

const NAME = 'AWSRevokeOlderSessions'
const root = stateRoots()

/** What a response leaves to lift, and the call that lifts it. */
const LIFTS = [
  { what: 'a deny on a role', writes: ['iam:DeleteRolePolicy'], scenario: 'custom-threat-list', earlier: undefined },
  {
    what: 'a deny in the place of an earlier policy',
    writes: ['iam:PutRolePolicy'],
    scenario: 'custom-threat-list',
    earlier: allowing('s3:*'),
  },
  { what: 'a deny on a user', writes: ['iam:DeleteUserPolicy'], scenario: 'user-key', earlier: undefined },
  {
    what: 'a deny by a managed policy',
    writes: ['iam:DetachRolePolicy', 'iam:DeletePolicy'],
    scenario: 'function-role',
    earlier: undefined,
  },
  {
    what: 'a profile of IAM Roles Anywhere, and the deny on its role',
    writes: ['iam:DeleteRolePolicy', 'rolesanywhere:EnableProfile'],
    scenario: 'roles-anywhere',
    earlier: undefined,
  },
] as const

const holderIn = ({ account }: BuiltScenario, scenario: string) => {
  const holder =
    scenario === 'user-key'
      ? [...account.users.values()].find(({ inline }) => inline.has(NAME))
      : account.roles.get(scenario === 'roles-anywhere' ? 'backup' : 'web-app')
  if (!holder) throw new Error('nobody is denied')
  return holder
}

const leaveNoRoom = ({ account }: BuiltScenario): void => {
  for (const index of [1, 2, 3, 4, 5])
    account.roles
      .get('thumbnails')
      ?.inline.set(`archive-${index}`, { document: allowing(`s3:${'x'.repeat(2_000)}`), writtenAt: 0 })
}

/** Puts the deny of a response where a lift took it away. */
const denyAgain = ({ built }: Responded, scenario: string): (() => void) => {
  const { account } = built
  if (scenario === 'function-role') {
    const role = account.roles.get('thumbnails')
    const managed = [...account.managedPolicies].find(([arn]) => arn.includes(NAME))
    if (!role || !managed) throw new Error('there is no deny')
    return () => {
      account.roles.set(role.name, role)
      account.managedPolicies.set(...managed)
    }
  }
  const holder = holderIn(built, scenario)
  const denied = holder.inline.get(NAME)
  if (!denied) throw new Error('there is no deny')
  const closed = closedIn(built)
  return () => {
    holder.inline.set(NAME, denied)
    holder.deleted.clear()
    closed()
  }
}

/** Gives what closes again what is closed now. */
const closedIn = ({ account }: BuiltScenario): (() => void) => {
  const profiles = [...account.certificateProfiles.values()].map((profile) => ({ profile, before: { ...profile } }))
  return () => {
    for (const { profile, before } of profiles) Object.assign(profile, before)
  }
}

/** An account after its response, which is as it was then each time that it is taken. */
const after = async ({ scenario, earlier }: (typeof LIFTS)[number]) => {
  const responded = await respondedTo(root(), scenario, (built) => {
    if (scenario === 'function-role') {
      leaveNoRoom(built)
      for (const called of built.account.functions.values()) delete called.url
    }
    if (earlier !== undefined) built.account.roles.get('web-app')?.inline.set(NAME, { document: earlier, writtenAt: 0 })
  })
  const deny = denyAgain(responded, scenario)
  const later = hoursLater(responded, 37)
  return async (): Promise<Responded> => {
    const own = root()
    await cp(responded.root, own, { recursive: true })
    deny()
    return { ...later, root: own }
  }
}

const takers = new Map<string, () => Promise<Responded>>(
  await Promise.all(LIFTS.map(async (lift) => [lift.what, await after(lift)] as const)),
)
const take = async (what: string): Promise<Responded> => {
  const taker = takers.get(what)
  if (!taker) throw new Error(what)
  return taker()
}

const journalPath = ({ root: where, id }: Responded): string => join(where, id, 'journal.ndjson')
const linesIn = (responded: Responded): number => readFileSync(journalPath(responded), 'utf8').trimEnd().split('\n').length

/** A moment of a lift at which the process is gone. */
interface Moment {
  readonly call: number
  readonly operation: string
  readonly when: 'before' | 'after'
}

const momentsOf = async (what: string): Promise<readonly Moment[]> => {
  const calls: string[] = []
  await liftOnDisk(await take(what), {
    fault: async (request, next) => {
      calls.push((await askedBy(request)).operation)
      return next(request)
    },
  })
  // Before them ir-cred only asks who it is and which Regions there are.
  return calls.flatMap((operation, call) =>
    /^(?:iam|rolesanywhere):/.test(operation) ? (['before', 'after'] as const).map((when) => ({ operation, call, when })) : [],
  )
}

const GONE = 'the process is gone'

/** Lifts until the moment. Then the journal is as it was on disk at that moment, and nobody holds its lock. */
const goneAt = async (responded: Responded, { call, when }: Moment): Promise<void> => {
  const process = new AbortController()
  let calls = -1
  let onDisk: number | undefined
  const fault: Fault = async (request, next) => {
    if (onDisk !== undefined) throw new Error(GONE)
    calls += 1
    if (calls !== call) return next(request)
    if (when === 'after') await next(request)
    onDisk = linesIn(responded)
    process.abort(new Error(GONE))
    throw new Error(GONE)
  }
  await liftOnDisk(responded, { fault, signal: process.signal }).catch((error: unknown) => expect(String(error)).toContain(GONE))
  expect(onDisk).toBeDefined()
  const lines = (await readFile(journalPath(responded), 'utf8')).split('\n')
  await writeFile(journalPath(responded), `${lines.slice(0, onDisk).join('\n')}\n`)
  await rm(join(responded.root, responded.id, 'lock'), { force: true })
}

const liftOf = (journal: readonly Entry[]) => replay(journal).facts.lift

/** Changes of the account by the lift's operations since the number of trail records. */
const changesSince = ({ built: { account } }: Responded, from: number): readonly string[] =>
  account.trail
    .all()
    .slice(from)
    .filter(({ readOnly, eventSource }) => !readOnly && /^(?:iam|rolesanywhere)\./.test(eventSource))
    .filter((record) => record.document().errorCode === undefined)
    .map(({ eventSource, eventName }) => `${eventSource.split('.')[0]}:${eventName}`)

describe.each(LIFTS)('the crash law of a lift: $what', ({ what, writes }) => {
  it('a process that is gone before or after any call comes to the same end when it is run again, and changes nothing twice', async () => {
    const whole = liftOf((await liftOnDisk(await take(what))).journal)
    const moments = await momentsOf(what)
    expect(moments.map(({ operation }) => operation)).toEqual(expect.arrayContaining([...writes]))
    for (const moment of moments) {
      const responded = await take(what)
      const records = responded.built.account.trail.all().length
      await goneAt(responded, moment)
      const { exitCode, journal } = await liftOnDisk(responded)
      const at = JSON.stringify(moment)
      expect(exitCode, at).toBe(0)
      expect(liftOf(journal)?.changes, at).toEqual(whole?.changes)
      expect(documentsIn(responded.built), at).toEqual(responded.before)
      expect(changesSince(responded, records), at).toEqual(writes)
    }
  })
})

const WRITES = LIFTS.flatMap(({ what, writes }) => writes.map((write) => ({ what, write, writes })))

describe.each(WRITES)('$write of a lift: $what', ({ what, write, writes }) => {
  const lift = async (fault: (asked: Asked, count: number) => 'lost' | 'dropped' | 'refused' | undefined) => {
    const responded = await take(what)
    const records = responded.built.account.trail.all().length
    const received: Asked[] = []
    const ran: LiftRan = await liftOnDisk(responded, {
      fault: async (request, next) => {
        const asked = await askedBy(request)
        if (asked.operation !== write) return next(request)
        received.push(asked)
        const kind = fault(asked, received.length)
        if (kind === 'lost') await next(request)
        if (kind === 'lost' || kind === 'dropped') throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
        return next(request)
      },
    })
    return { responded, received, ran, changes: changesSince(responded, records) }
  }

  it('is sent once where its answer is lost: the read-back shows it', async () => {
    const { ran, received, changes } = await lift(() => 'lost')
    expect([ran.exitCode, received.length, changes]).toEqual([0, 1, writes])
  })

  it('is sent again only where it is seen to be absent', async () => {
    const { ran, changes } = await lift((_, count) => (count === 1 ? 'dropped' : undefined))
    // The other changes are made meanwhile.
    expect([ran.exitCode, [...changes].sort()]).toEqual([0, [...writes].sort()])
  })

  it('is on disk as an intent before it leaves, and is what was approved', async () => {
    const { ran, received, responded } = await lift(() => undefined)
    const intended = ran.journal.findLast((entry) => entry.type === 'intended' && entry.effect.operation === write)
    const approved = ran.journal.findLast((entry) => entry.type === 'approved')
    const { Action: _, Version: __, ...input } = received[0]?.input ?? {}
    const sent = typeof input.PolicyDocument === 'string' ? { ...input, PolicyDocument: JSON.parse(input.PolicyDocument) } : input
    expect(intended?.type === 'intended' && intended.effect.parameters).toEqual(sent)
    expect(approved?.type === 'approved' && approved.effects).toContainEqual(intended?.type === 'intended' && intended.effect)
    expect(documentsIn(responded.built)).toEqual(responded.before)
  })
})

describe('the calls that are asked for', () => {
  it('are writes of a lift or of an archiving, and of no stage of the runbook', () => {
    for (const { access, stages } of laterCalls)
      expect([access, ...stages]).toEqual(['write', expect.stringMatching(/^(lift-revocation|archive-finding)$/)])
  })
})
