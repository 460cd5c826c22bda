import { describe, expect, it } from 'vitest'
import { rawLine } from '../../../src/incident/values/show.ts'
import { PERSISTENCE_RULES } from '../../../src/investigation/persistence/table.ts'
import { LOOKS } from '../../../src/response/stages/hunt-persistence/looks.ts'
import { huntPersistence } from '../../../src/response/stages/hunt-persistence.ts'
import { renderBlocks } from '../../../src/terminal/render-blocks.ts'
import { makeTheme } from '../../../src/terminal/theme.ts'
import { widthOf } from '../../../src/terminal/width.ts'
import { blockText } from '../../support/block-text.ts'
import { administrator, huntOn, remediesOf, standings } from '../../support/hunting.ts'
import { EVERYTHING, leaveEverything } from '../../support/leave-everything.ts'
import { NOON } from '../../support/noon.ts'
import { runAwsCommand } from '../../support/run-aws-command.ts'
import { build } from '../../support/scenario.ts'

describe('left-behind: what the attacker left, and an administrator has undone in part', async () => {
  const built = await build('left-behind')
  const { hunt, opened } = await huntOn(built)
  const before = await hunt()

  it('says of each persistence artefact whether IAM or EC2 still shows it', () => {
    expect(standings(before)).toEqual([
      'CreateUser there',
      'CreateAccessKey there',
      'CreateLoginProfile gone',
      'AttachUserPolicy there',
      'PutUserPolicy there',
      'CreateAccessKey changed',
      'CreatePolicy there',
      'AttachRolePolicy there',
      'UpdateAssumeRolePolicy there',
      'ModifySnapshotAttribute there',
      'AuthorizeSecurityGroupIngress there',
      'CreateKeyPair gone',
    ])
  })

  it('says what was refused, and that nothing was left by it', () => {
    expect(before.attempts.map(({ eventName, errorCode }) => [eventName, errorCode])).toEqual([
      ['CreateSAMLProvider', 'AccessDenied'],
    ])
  })

  it('says of a key whether it has been used since', () => {
    const [, key, , , , other] = before.artefacts
    expect(rawLine(key?.observed ?? '')).toMatch(/^the key is Active; it HAS BEEN USED, last 20\S+Z for iam$/)
    expect(rawLine(other?.observed ?? '')).toBe('the key is there, but Inactive; IAM shows no use of it')
  })

  it('says whom a trust policy lets in, and gives the policy without them', () => {
    const trust = before.artefacts.find(({ artefact }) => artefact.eventName === 'UpdateAssumeRolePolicy')
    expect(rawLine(trust?.observed ?? '')).toContain('arn:aws:iam::666677778888:root')
    expect(trust?.remedy).toHaveProperty('command', expect.stringContaining('"AWS":"arn:aws:iam::111122223333:root"'))
    expect(trust?.remedy).not.toHaveProperty('command', expect.stringContaining('666677778888'))
  })

  it('finds the key that the new user made with its own first key, which no record of the session shows', () => {
    expect(before.unexplainedKeys).toMatchObject([{ user: 'aws-support', status: 'Active' }])
  })

  it('tells the session of another role as an open live chained session, with how that role is revoked', () => {
    expect(before.liveSessions.map(({ chainedSession }) => rawLine(chainedSession.roleArn ?? ''))).toEqual([
      'arn:aws:iam::111122223333:role/deploy',
    ])
    expect(before.liveSessions[0]?.remedy).toHaveProperty(
      'command',
      expect.stringMatching(/^aws iam put-role-policy --role-name deploy /),
    )
  })

  it('changes nothing by itself', () => {
    const own = opened.calls().filter(({ accessKeyId }) => accessKeyId === built.cast.responder.accessKeyId)
    expect(own.filter(({ writes, outcome }) => writes && outcome === 'ok')).toEqual([])
  })

  it('lists the keys of a user once, however many persistence artefacts name him', () => {
    const users = new Set(before.artefacts.flatMap(({ artefact }) => artefact.names.user ?? []))
    const lists = opened.calls().filter(({ operation, accessKeyId }) => {
      return operation === 'ListAccessKeys' && accessKeyId === built.cast.responder.accessKeyId
    })
    expect(before.artefacts.filter(({ artefact }) => artefact.names.user).length).toBeGreaterThan(users.size)
    expect(lists).toHaveLength(users.size)
  })

  it('gives remedies that work: after all of them, in the order told, nothing is left', async () => {
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

describe('everything that there is a look for', async () => {
  const built = leaveEverything(await build('left-behind'))
  const { hunt, opened } = await huntOn(built)
  const before = await hunt()
  const left = before.artefacts
    .filter(({ artefact }) => artefact.accessKeyId === built.cast.attacker.accessKeyId)
    .slice(-EVERYTHING.length - 1)

  it('is seen while it is there', () => {
    expect(left.map(({ artefact, standing }) => `${artefact.eventName} ${standing}`)).toEqual(
      [...EVERYTHING.map(([, operation]) => operation), 'ModifyImageAttribute'].map((name) => `${name} there`),
    )
  })

  it('is not known, and said to be, for whoever may not look', async () => {
    built.account.roles.get('ir-responder')?.inline.clear()
    opened.account.clock.advance(60)
    const unseen = await hunt()
    expect(unseen.artefacts.filter(({ standing }) => standing !== 'unknown')).toEqual([])
    for (const { observed } of unseen.artefacts) expect(rawLine(observed)).toMatch(/^(iam|ec2):[A-Z]\w+ is denied to us$/)
    expect(unseen.incomplete).toContainEqual(expect.stringMatching(/keys of user eve were not listed \(AccessDenied\)/))
  })

  it('is gone once each remedy has been carried out, in the order told', async () => {
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

  it('is told last first, each with its record, technique, standing and command', () => {
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

it('every look is for a call that leaves something', () => {
  expect([...LOOKS.keys()].filter((event) => !PERSISTENCE_RULES.has(event))).toEqual([])
})
