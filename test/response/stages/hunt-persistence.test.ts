import { describe, expect, it } from 'vitest'
import type { EvidenceRef } from '../../../src/incident/facts/evidence.ts'
import { type Persistence, standingCounts, waysBack, waysBackCount } from '../../../src/incident/facts/persistence.ts'
import { epochOf } from '../../../src/incident/values/instant.ts'
import { asciiJson, rawLine } from '../../../src/incident/values/show.ts'
import { LINE_LIMIT } from '../../../src/journal/journal.ts'
import { examinedOf } from '../../../src/response/stages/close-incident/standing.ts'
import {
  fittingPersistence,
  keptWhole,
  wholePersistence,
} from '../../../src/response/stages/hunt-persistence/whole-persistence.ts'
import { huntPersistence } from '../../../src/response/stages/hunt-persistence.ts'
import { renderBlocks } from '../../../src/terminal/render-blocks.ts'
import { makeTheme } from '../../../src/terminal/theme.ts'
import { widthOf } from '../../../src/terminal/width.ts'
import { artefactLike } from '../../support/artefacts.ts'
import { blockText } from '../../support/block-text.ts'
import { administrator, huntOn, remediesOf, standings } from '../../support/hunting.ts'
import { EVERYTHING, leaveEverything } from '../../support/leave-everything.ts'
import { NOON } from '../../support/noon.ts'
import { runAwsCommand } from '../../support/run-aws-command.ts'
import { build } from '../../support/scenario.ts'

describe('a hunt for artefacts of which an administrator has removed a part', async () => {
  const built = await build('left-behind')
  const { hunt, opened } = await huntOn(built)
  const before = await hunt()

  it('establishes of each persistence artefact whether IAM or EC2 still shows it', () => {
    expect(standings(before)).toEqual([
      'CreateAccessKey there',
      'CreateAccessKey there',
      'CreateAccessKey changed',
      'CreateLoginProfile gone',
      'UpdateAssumeRolePolicy there',
      'AttachRolePolicy there',
      'PutUserPolicy there',
      'AttachUserPolicy there',
      'CreateKeyPair gone',
      'AuthorizeSecurityGroupIngress there',
      'ModifySnapshotAttribute there',
      'CreatePolicy there',
      'CreateUser there',
    ])
  })

  it('lists failed events as attempts', () => {
    expect(before.attempts.map(({ eventName, errorCode }) => [eventName, errorCode])).toEqual([
      ['CreateSAMLProvider', 'AccessDenied'],
    ])
  })

  it('establishes whether a key has been used since', () => {
    const [key, , other] = before.artefacts
    expect(rawLine(key?.observed ?? '')).toMatch(/^the key is Active; it HAS BEEN USED, last 20\S+Z for iam$/)
    expect(rawLine(other?.observed ?? '')).toBe('the key is there, but Inactive; IAM shows no use of it')
  })

  it('names the external principals of a trust policy, with a command that writes the policy without them', () => {
    const trust = before.artefacts.find(({ artefact }) => artefact.eventName === 'UpdateAssumeRolePolicy')
    expect(rawLine(trust?.observed ?? '')).toContain('arn:aws:iam::666677778888:root')
    expect(trust?.remedy).toHaveProperty('command', expect.stringContaining('"AWS":"arn:aws:iam::111122223333:root"'))
    expect(trust?.remedy).not.toHaveProperty('command', expect.stringContaining('666677778888'))
  })

  it('finds the key that the new user created with its own first key, by the record of the first key', () => {
    const [first, second] = before.artefacts.map(({ artefact }) => artefact)
    const [firstKey] = first?.names.accessKey ?? []
    expect(second).toMatchObject({ eventName: 'CreateAccessKey', accessKeyId: firstKey })
    expect(before.unexplainedKeys).toEqual([])
  })

  it('lists the session of another role as live, with the command that revokes that role', () => {
    expect(before.liveSessions.map(({ chainedSession }) => rawLine(chainedSession.roleArn ?? ''))).toEqual([
      'arn:aws:iam::111122223333:role/deploy',
    ])
    expect(before.liveSessions[0]?.remedy).toHaveProperty(
      'command',
      expect.stringMatching(/^aws iam put-role-policy --role-name deploy /),
    )
  })

  it('tells the used key first, the open trust before the sessions behind it, and what they were on last', () => {
    const told = waysBack(before).map(({ kind, danger }) => `${kind}: ${danger}`)
    expect(told).toEqual([
      'artefact: used-credential',
      'artefact: credential',
      'artefact: credential',
      'artefact: trust',
      'session: session',
      ...Array.from({ length: 3 }, () => 'artefact: permission'),
      'artefact: execution',
      'artefact: data',
      ...['artefact: holder', 'artefact: holder'],
    ])
    const words = blockText(huntPersistence.describe({ persistence: before }))
    const places = remediesOf(before).map((remedy) => words.indexOf(remedy))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
  })

  it('makes a key inactive before it deletes it', () => {
    const remedies = remediesOf(before).filter((remedy) => remedy.includes('delete-access-key'))
    expect(remedies).toHaveLength(3)
    for (const remedy of remedies)
      expect(remedy).toMatch(/^aws iam update-access-key .* --status Inactive && aws iam delete-access-key /)
  })

  it('changes nothing by itself', () => {
    const own = opened.calls().filter(({ accessKeyId }) => accessKeyId === built.cast.responder.accessKeyId)
    expect(own.filter(({ writes, outcome }) => writes && outcome === 'ok')).toEqual([])
  })

  it('lists the keys of a user once, however many persistence artefacts name the user', () => {
    const users = new Set(before.artefacts.flatMap(({ artefact }) => artefact.names.user ?? []))
    const lists = opened.calls().filter(({ operation, accessKeyId }) => {
      return operation === 'ListAccessKeys' && accessKeyId === built.cast.responder.accessKeyId
    })
    expect(before.artefacts.filter(({ artefact }) => artefact.names.user).length).toBeGreaterThan(users.size)
    expect(lists).toHaveLength(users.size)
  })

  it('has remedies that work: after all of them, in their order, nothing is left', async () => {
    const by = administrator(built)
    for (const command of remediesOf(before)) await runAwsCommand(command, { opened, by })
    const after = await hunt()
    expect(standings(after).filter((one) => !one.endsWith(' gone'))).toEqual([])
    expect({ liveSessions: after.liveSessions, unexplainedKeys: after.unexplainedKeys }).toEqual({
      liveSessions: [],
      unexplainedKeys: [],
    })
  })
})

describe('an artefact of every live look', async () => {
  const built = leaveEverything(await build('left-behind'))
  const { hunt, opened } = await huntOn(built)
  const before = await hunt()
  const left = before.artefacts
    .filter(({ artefact }) => artefact.accessKeyId === built.cast.attacker.accessKeyId)
    .toSorted((a, b) => epochOf(a.artefact.at) - epochOf(b.artefact.at))
    .slice(-EVERYTHING.length - 1)

  it('is there until it is removed', () => {
    expect(left.map(({ artefact, standing }) => `${artefact.eventName} ${standing}`)).toEqual(
      [...EVERYTHING.map(([, operation]) => operation), 'ModifyImageAttribute'].map((name) => `${name} there`),
    )
  })

  it('is unknown to a responder who may not look', async () => {
    built.account.roles.get('ir-responder')?.inline.clear()
    opened.account.clock.advance(60)
    const unseen = await hunt()
    expect(unseen.artefacts.filter(({ standing }) => standing !== 'unknown')).toEqual([])
    for (const { observed } of unseen.artefacts) expect(rawLine(observed)).toMatch(/^(iam|ec2):[A-Z]\w+ is denied$/)
    expect(unseen.incomplete).toContainEqual(expect.stringMatching(/could not list the access keys of user eve \(AccessDenied\)/))
  })

  it('is gone after all remedies, in their order', async () => {
    const by = administrator(built)
    for (const remedy of remediesOf(before)) {
      if (remedy.startsWith('aws ')) await runAwsCommand(remedy, { opened, by })
      // Snapshots may be evidence: there is a sentence, and here they are none.
      else expect(remedy).toContain('aws ec2 delete-snapshot')
    }
    for (const id of left.flatMap(({ artefact }) => artefact.names.snapshots ?? [])) {
      await runAwsCommand(`aws ec2 delete-snapshot --snapshot-id ${id}`, { opened, by })
    }
    built.account.roles.get('ir-responder')?.inline.set('look', {
      document: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['iam:Get*', 'iam:List*', 'ec2:Describe*'], Resource: '*' }],
      }),
      writtenAt: 0,
    })
    opened.account.clock.advance(60)
    const after = await hunt()
    expect(standings(after).filter((one) => !one.endsWith(' gone'))).toEqual([])
  })

  it('is shown with its record and technique, what others are on after them', () => {
    const words = blockText(huntPersistence.describe({ persistence: before }))
    for (const { artefact } of before.artefacts) {
      expect(words).toContain(artefact.eventId)
      expect(words).toContain(artefact.technique.id)
    }
    expect(words.indexOf('evil-key')).toBeLessThan(words.indexOf('user eve (T1136.003'))
    expect(words.split('\n')[0]).toMatch(/^warning: \d+ persistence artefacts are still there, /)
  })

  it('fits a terminal of 80 columns, but for the commands, which are to be copied', () => {
    const setting = { width: 80, indent: 3, theme: makeTheme(false), viewpoint: { reference: NOON } }
    const lines = renderBlocks(
      huntPersistence.describe({ persistence: before }).filter(({ type }) => type !== 'code'),
      setting,
    )
    expect(lines.filter((line) => widthOf(line) > 80)).toEqual([])
  })
})

const LONG = '\u{1F600}'.repeat(100)
const artefact = artefactLike({ names: { user: [LONG] } })
const examined = (standing: 'there' | 'gone') => ({ artefact, standing, observed: [LONG], at: NOON, remedy: artefact.remedy })
const many = <T>(one: T): readonly T[] => Array.from({ length: 200 }, () => structuredClone(one))
const found: Persistence = {
  artefacts: [...many(examined('gone')), examined('there')],
  ...{ undone: many(artefact), attempts: many(artefact), liveSessions: [], unexplainedKeys: [] },
  incomplete: many(LONG),
}

describe('the fact of a hunt', () => {
  it('fits into a line of the journal, whatever names the attacker chose', () => {
    expect(asciiJson(found).length).toBeGreaterThan(LINE_LIMIT)
    expect(asciiJson(fittingPersistence(found)).length).toBeLessThan(LINE_LIMIT)
  })

  it('keeps artefacts that are there before those that are gone, and names what it leaves out', () => {
    const kept = fittingPersistence(found)
    expect(kept.artefacts.map(({ standing }) => standing)).toContain('there')
    const left = 201 - kept.artefacts.length
    expect(kept.incomplete).toContainEqual(
      expect.stringMatching(`^${left} more persistence artefacts that were looked at, which do not fit into the journal`),
    )
  })

  it('counts what it leaves out', () => {
    const kept = fittingPersistence(found)
    expect(standingCounts(kept)).toBe(standingCounts(found))
    expect(waysBackCount(kept)).toBe(1)
  })

  it('has its whole lists in the evidence, from which they are read by whatever acts on them', async () => {
    const evidence = new Map<string, string>()
    const keep = async (name: string, content: unknown) => {
      evidence.set(name, JSON.stringify(content))
      return { file: name, sha256: '0'.repeat(64), bytes: 1 }
    }
    const recall = async ({ file }: EvidenceRef) => evidence.get(file)
    const each = found.artefacts.map((one, index) => ({ ...one, artefact: { ...one.artefact, eventId: `event-${index}` } }))
    const kept = await keptWhole({ ...found, artefacts: each }, { keep })
    expect(await wholePersistence(kept, { recall })).toEqual({ ...found, artefacts: each })
    const examine = await examinedOf(kept, { recall })
    expect(each.filter(({ artefact: one }) => examine(one) === undefined)).toEqual([])
  })

  it('is complete when it fits', () => {
    const small: Persistence = { ...found, artefacts: [examined('gone')], undone: [], attempts: [], incomplete: ['x'] }
    expect(fittingPersistence(small)).toEqual(small)
  })
})
