import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { listIncidents } from '../../src/journal/read.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { flagResponder } from '../../src/terminal/flag-responder.ts'
import { answered } from '../faults/kinds.ts'
import { askedBy } from '../faults/operation.ts'
import { makeTemporary, temporaryDirectory } from '../journal/temporary.ts'
import { journalLines, runOnDisk } from '../support/run-on-disk.ts'
import { buildQuick, EACH_ONCE } from './whole-run.ts'

/** The head in a user agent. */
const headIn = (userAgent: unknown): string | undefined => /(?:^| )journal\/([0-9a-f]{16})(?: |$)/.exec(String(userAgent))?.[1]

/** The responder's calls as the account's own CloudTrail recorded them. */
const recorded = ({ account, cast }: BuiltScenario) =>
  account.trail
    .all()
    .filter(({ accessKeyId }) => accessKeyId === cast.responder.accessKeyId)
    .map(({ eventName, document }) => ({ eventName, document: document() }))

/** Each change in CloudTrail, with the head that its user agent names. DryRun calls fail and change nothing. */
const headsOfChanges = (built: BuiltScenario) =>
  recorded(built)
    .filter(({ eventName, document }) => eventName in EACH_ONCE && document.errorCode === undefined)
    .map(({ eventName, document }) => ({ eventName, head: headIn(document.userAgent) }))

/** Each intent in the journal's file, with the first 16 digits of its line's hash. */
const headsOfIntents = async (root: string, incident: string) =>
  (await journalLines(root, incident)).flatMap(({ entry, h }) =>
    entry.type === 'intended' ? [{ eventName: entry.effect.operation.replace(/.*:/, ''), head: h.slice(0, 16) }] : [],
  )

const onlyIncident = async (root: string): Promise<string> => {
  const [first] = await listIncidents(root)
  if (!first) throw new Error('no incident was opened')
  return first.id
}

const onDisk = { built: await buildQuick(), root: await makeTemporary() }
await runOnDisk(onDisk)
afterAll(() => rm(onDisk.root, { recursive: true, force: true }))

describe('the user agent of a change names the journal’s head', () => {
  it('the CloudTrail record of each change has the hash of the line that holds its intent', async () => {
    const changes = headsOfChanges(onDisk.built)
    expect(changes.map(({ eventName }) => eventName).sort()).toEqual(Object.keys(EACH_ONCE).sort())
    expect(changes).toEqual(await headsOfIntents(onDisk.root, await onlyIncident(onDisk.root)))
  })

  it('the user agent of a read names no head', () => {
    const reads = recorded(onDisk.built).filter(
      ({ eventName, document }) => !(eventName in EACH_ONCE) && document.readOnly === true,
    )
    expect(reads.length).toBeGreaterThan(20)
    expect(reads.filter(({ document }) => headIn(document.userAgent) !== undefined)).toEqual([])
  })

  it('a change of a resumed run names the head too: the chain goes on where the file ends', async () => {
    const built = await buildQuick()
    const root = await temporaryDirectory()
    await runOnDisk({ built, root, responder: flagResponder({ yes: false, approve: ['revoke-sessions'], skip: [] }) })
    const resume = await onlyIncident(root)
    await runOnDisk({ built, root, resume })
    const changes = headsOfChanges(built)
    expect(changes).toHaveLength(Object.keys(EACH_ONCE).length)
    expect(changes).toEqual(await headsOfIntents(root, resume))
  })

  it('a throttled change is intended again, and sent with the later head', async () => {
    const built = await buildQuick()
    const root = await temporaryDirectory()
    const sent: (string | undefined)[] = []
    const fault: Fault = async (request, next) => {
      const { operation } = await askedBy(request)
      if (operation !== 'iam:PutRolePolicy') return next(request)
      sent.push(headIn(request.headers['user-agent']))
      return sent.length === 1 ? answered('iam', 'Throttling', 400) : next(request)
    }
    await runOnDisk({ built, root, fault })
    const intents = await headsOfIntents(root, await onlyIncident(root))
    expect(sent).toEqual(intents.filter(({ eventName }) => eventName === 'PutRolePolicy').map(({ head }) => head))
    expect(new Set(sent).size).toBe(2)
  })
})

/** The forms that docs/journal.md gives, as patterns: what stands in its table of places. */
const documented = (place: string): readonly RegExp[] => {
  const row = readFileSync('docs/journal.md', 'utf8').match(new RegExp(`^\\| ${place}.* \\| (.*) \\|$`, 'm'))?.[1] ?? ''
  return [...row.matchAll(/`([^`]+)`/g)].map(
    ([, form = '']) =>
      new RegExp(
        `^${form.replace('<16 hex digits>', '[0-9a-f]{16}').replace('<incident>', '[a-z0-9-]+').replace('<nonce>', '[0-9a-f]{16}')}$`,
      ),
  )
}

describe('docs/journal.md', () => {
  it('gives the forms in which the head is sent', () => {
    const { built } = onDisk
    const [agent] = documented('user agent of every write')
    for (const { eventName, document } of recorded(built).filter(({ eventName: name }) => name in EACH_ONCE)) {
      if (document.errorCode !== undefined) continue
      const parts = String(document.userAgent).split(' ')
      expect(
        parts.filter((part) => agent?.test(part)),
        eventName,
      ).toHaveLength(1)
    }
    const [key, value] = documented('tag of the snapshots')
    for (const { tags } of built.account.snapshots.values()) {
      const tag = Object.entries(tags).find(([name]) => key?.test(name))
      expect(tag?.[1]).toMatch(value ?? /^$/)
    }
    const [comment] = documented('comment of the command')
    for (const command of built.account.commands.values()) expect(command.comment).toMatch(comment ?? /^$/)
  })
})

describe('what ir-cred makes in AWS names the journal’s head', () => {
  it('each snapshot in a tag, the command in its comment', async () => {
    const { built, root } = onDisk
    const heads = new Map((await headsOfIntents(root, await onlyIncident(root))).map(({ eventName, head }) => [eventName, head]))
    const snapshots = [...built.account.snapshots.values()]
    expect(snapshots.length).toBeGreaterThan(0)
    for (const { tags } of snapshots) expect(tags['ir-cred:journal']).toBe(heads.get('CreateSnapshots'))
    const comments = [...built.account.commands.values()].map(({ comment }) => comment)
    expect(comments).toEqual([
      expect.stringMatching(new RegExp(`^ir-cred \\S+ [0-9a-f]{16} journal/${heads.get('SendCommand')}$`)),
    ])
  })
})
