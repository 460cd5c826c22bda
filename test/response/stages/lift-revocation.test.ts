import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LiftedChange } from '../../../src/incident/facts/lift.ts'
import { replay } from '../../../src/incident/incident.ts'
import type { Approval, ApprovalQuestion } from '../../../src/response/ports.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { allowing, revocation } from '../../support/account.ts'
import { documentsIn, hoursLater, liftOnDisk, type Responded, respondedTo, stateRoots } from '../../support/lifting.ts'
import { nobody, plainYes } from '../../support/run-in-memory.ts'
import { runOnDisk } from '../../support/run-on-disk.ts'

const root = stateRoots()
const NAME = 'AWSRevokeOlderSessions'
/** Spelled as nobody would print it again: the white space has to come back too. */
const EARLIER = `{ "Version":"2012-10-17",\n "Statement":[{"Effect":"Deny","Action":"*","Resource":"*",\t"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-01-05T00:00:00Z"}}}]}`

const roleIn = ({ account }: BuiltScenario, name = 'web-app') => {
  const role = account.roles.get(name)
  if (!role) throw new Error(`no role ${name}`)
  return role
}

const userIn = ({ account }: BuiltScenario) => {
  const user = [...account.users.values()].find(({ inline }) => inline.has(NAME))
  if (!user) throw new Error('no user is denied')
  return user
}

const put = (built: BuiltScenario, document: string): void => {
  roleIn(built).inline.set(NAME, { document, writtenAt: built.account.clock.now() })
}

const safely = async (scenario?: string, prepare?: (built: BuiltScenario) => void): Promise<Responded> =>
  hoursLater(await respondedTo(root(), scenario, prepare), scenario === 'user-key' ? 37 : 13)

const changesIn = (journal: Parameters<typeof replay>[0]): readonly LiftedChange[] => replay(journal).facts.lift?.changes ?? []

describe('a lift of what the response changed', () => {
  it('deletes the deny on a role where no policy stood before: the documents are as they were, byte for byte', async () => {
    const responded = await safely()
    expect(documentsIn(responded.built)).not.toEqual(responded.before)
    const { exitCode, writes, journal } = await liftOnDisk(responded)
    expect(exitCode).toBe(0)
    expect(writes).toEqual(['iam:DeleteRolePolicy'])
    expect(documentsIn(responded.built)).toEqual(responded.before)
    expect(changesIn(journal)).toMatchObject([
      { operation: 'iam:PutRolePolicy', what: `inline policy ${NAME} of role web-app`, state: 'lifted' },
      { operation: 'ec2:ModifyInstanceMetadataOptions', state: 'stays' },
      { operation: 'ec2:CreateSnapshots', state: 'stays' },
    ])
  })

  it('puts an earlier document of that name back, byte for byte', async () => {
    const responded = await safely('custom-threat-list', (built) => put(built, EARLIER))
    const { exitCode, writes, journal } = await liftOnDisk(responded)
    expect(exitCode).toBe(0)
    expect(writes).toEqual(['iam:PutRolePolicy'])
    expect(roleIn(responded.built).inline.get(NAME)?.document).toBe(EARLIER)
    expect(documentsIn(responded.built)).toEqual(responded.before)
    const intended = journal.findLast((entry) => entry.type === 'intended')
    expect(intended?.type === 'intended' && intended.effect.parameters?.PolicyDocument).toEqual(JSON.parse(EARLIER))
  })

  it('deletes the deny on a user, and leaves the leaked key inactive', async () => {
    const responded = await safely('user-key')
    const { accessKeys, name } = userIn(responded.built)
    const { exitCode, writes, journal } = await liftOnDisk(responded)
    expect(exitCode).toBe(0)
    expect(writes).toEqual(['iam:DeleteUserPolicy'])
    expect(documentsIn(responded.built)).toEqual(responded.before)
    const states = [...(responded.built.account.users.get(name)?.accessKeys.values() ?? accessKeys.values())].map(
      ({ status }) => status,
    )
    expect(states).toContain('Inactive')
    expect(changesIn(journal)).toContainEqual(
      expect.objectContaining({
        operation: 'iam:UpdateAccessKey',
        state: 'stays',
        why: expect.stringContaining('never activated'),
      }),
    )
  })

  it.each(['function-role', 'task-role', 'web-identity', 'other-account', 'terminated-instance', 'auto-scaling-member'])(
    'brings every document back, whoever the subject is: %s',
    async (scenario) => {
      const responded = await safely(scenario)
      const { exitCode } = await liftOnDisk(responded, { reason: 'the rest is followed up elsewhere' })
      expect(exitCode).toBe(0)
      expect(documentsIn(responded.built)).toEqual(responded.before)
    },
  )

  it('puts the trust policy back that was narrowed, and deletes the deny that was moved past it', async () => {
    const responded = hoursLater(await respondedTo(root(), 'web-identity'), 25)
    const { exitCode, writes, journal } = await liftOnDisk(responded)
    expect({ exitCode, writes }).toEqual({ exitCode: 0, writes: ['iam:DeleteRolePolicy', 'iam:UpdateAssumeRolePolicy'] })
    expect(documentsIn(responded.built)).toEqual(responded.before)
    expect(changesIn(journal)).toMatchObject([
      { operation: 'iam:PutRolePolicy', state: 'lifted' },
      { operation: 'iam:UpdateAssumeRolePolicy', what: 'the trust policy of role payments', state: 'lifted' },
    ])
  })

  it('detaches and deletes the managed policy by which a role without inline room was denied', async () => {
    const responded = await safely('function-role', (built) => {
      for (const called of built.account.functions.values()) delete called.url
      for (const index of [1, 2, 3, 4, 5])
        roleIn(built, 'thumbnails').inline.set(`archive-${index}`, {
          document: allowing(`s3:${'x'.repeat(2_000)}`),
          writtenAt: 0,
        })
    })
    expect(documentsIn(responded.built).managed).not.toEqual(responded.before.managed)
    const { exitCode, writes, events } = await liftOnDisk(responded)
    expect({ exitCode, writes }).toEqual({ exitCode: 0, writes: ['iam:DetachRolePolicy', 'iam:DeletePolicy'] })
    expect(documentsIn(responded.built)).toEqual(responded.before)
    expect(JSON.stringify(events.at(-1))).not.toContain('cut off')
  })

  it('made a second time changes nothing, and says that it is lifted', async () => {
    const responded = await safely()
    await liftOnDisk(responded)
    const again = await liftOnDisk(responded)
    expect(again.exitCode).toBe(0)
    expect(again.writes).toEqual([])
    expect(changesIn(again.journal)[0]).toMatchObject({ state: 'lifted' })
  })

  it('made a second time needs no reason, and keeps the time and the reason of the first', async () => {
    const responded = await respondedTo(root())
    const first = replay((await liftOnDisk(responded, { reason: 'exercise' })).journal).facts.lift
    const { exitCode, journal } = await liftOnDisk(responded)
    expect(exitCode).toBe(0)
    expect(replay(journal).facts.lift).toEqual(first)
  })

  it('is refused where the deny stands again although the journal knows it as lifted, while it is too early', async () => {
    const responded = await respondedTo(root())
    const { document = '' } = roleIn(responded.built).inline.get(NAME) ?? {}
    await liftOnDisk(responded, { reason: 'exercise' })
    put(responded.built, document)
    expect(await liftOnDisk(responded)).toMatchObject({ exitCode: 5, writes: [] })
  })

  it('counts a policy that somebody removed meanwhile as done', async () => {
    const responded = await safely()
    roleIn(responded.built).inline.delete(NAME)
    const { exitCode, writes, journal } = await liftOnDisk(responded)
    expect([exitCode, writes]).toEqual([0, []])
    expect(changesIn(journal)[0]).toMatchObject({ state: 'gone' })
  })

  it('counts a role that is gone as done', async () => {
    const responded = await safely()
    responded.built.account.roles.delete('web-app')
    expect(await liftOnDisk(responded)).toMatchObject({ exitCode: 0, writes: [] })
  })

  it('leaves a policy alone that somebody changed meanwhile, and gives the command', async () => {
    const responded = await safely()
    const theirs = revocation('2026-12-24T00:00:00Z')
    put(responded.built, theirs)
    const { exitCode, writes, journal, events } = await liftOnDisk(responded)
    expect([exitCode, writes]).toEqual([0, []])
    expect(roleIn(responded.built).inline.get(NAME)?.document).toBe(theirs)
    expect(changesIn(journal)[0]).toMatchObject({
      state: 'changed',
      command: `aws iam delete-role-policy --role-name web-app --policy-name ${NAME}`,
    })
    expect(JSON.stringify(events.at(-1))).toContain('delete-role-policy')
  })

  it('takes the response’s own document for its own, however IAM spells it', async () => {
    const responded = await safely()
    const { document = '' } = roleIn(responded.built).inline.get(NAME) ?? {}
    put(responded.built, JSON.stringify(JSON.parse(document), null, 4))
    expect(await liftOnDisk(responded)).toMatchObject({ exitCode: 0, writes: ['iam:DeleteRolePolicy'] })
  })

  it('does not delete the deny where the copy of the earlier document was altered: exit 6, with why', async () => {
    const responded = await safely('custom-threat-list', (built) => put(built, EARLIER))
    const prior = (await liftOnDisk(responded, { dryRun: true })).journal.flatMap((entry) =>
      entry.type === 'intended' && entry.planned?.priorDocument ? [entry.planned.priorDocument.file] : [],
    )[0]
    const path = join(responded.root, responded.id, prior ?? '')
    await writeFile(path, allowing('*'))
    const { exitCode, writes, journal } = await liftOnDisk(responded)
    expect([exitCode, writes]).toEqual([6, []])
    expect(changesIn(journal)[0]).toMatchObject({ state: 'kept', why: expect.stringContaining('is missing or was changed') })
  })

  it('puts what somebody else wrote between two denies of the response back, not what stood at first', async () => {
    const responded = await respondedTo(root(), 'custom-threat-list', (built) => put(built, EARLIER))
    const theirs = allowing('s3:GetObject')
    put(responded.built, theirs)
    await runOnDisk({ built: responded.built, root: responded.root, resume: responded.id })
    expect(roleIn(responded.built).inline.get(NAME)?.document).toContain('aws:TokenIssueTime')
    expect((await liftOnDisk(hoursLater(responded, 13))).exitCode).toBe(0)
    expect(roleIn(responded.built).inline.get(NAME)?.document).toBe(theirs)
  })
})

describe('a lift asks first', () => {
  it('and without an answer changes nothing: exit 3, with the command', async () => {
    const responded = await safely()
    const { exitCode, writes, events } = await liftOnDisk(responded, { responder: nobody })
    expect([exitCode, writes]).toEqual([3, []])
    expect(events.at(-1)).toMatchObject({ type: 'ended', continueWith: `ir-cred lift ${responded.id}` })
  })

  it('and a dry run shows the change, asks nobody, and writes nothing', async () => {
    const responded = await safely()
    const journalOf = () => readFile(join(responded.root, responded.id, 'journal.ndjson'), 'utf8')
    const whole = await journalOf()
    const { exitCode, writes, events } = await liftOnDisk(responded, { responder: nobody, dryRun: true })
    expect([exitCode, writes]).toEqual([0, []])
    expect(await journalOf()).toBe(whole)
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'assessed',
        effects: [
          expect.objectContaining({
            operation: 'iam:DeleteRolePolicy',
            resource: 'arn:aws:iam::111122223333:role/service/web-app',
          }),
        ],
      }),
    )
  })
})

describe('a lift that is too early', () => {
  it.each([
    ['custom-threat-list', 11],
    ['user-key', 35],
  ])(
    'is refused before anything is journaled, with the time from which it is safe: %s after %i hours',
    async (scenario, hours) => {
      const responded = hoursLater(await respondedTo(root(), scenario), hours)
      const lines = (await readFile(join(responded.root, responded.id, 'journal.ndjson'), 'utf8')).length
      const { exitCode, writes, err } = await liftOnDisk(responded)
      expect([exitCode, writes]).toEqual([5, []])
      expect(err).toMatch(/until 2026-\d\d-\d\dT\d\d:\d\d:\d\dZ/)
      expect((await readFile(join(responded.root, responded.id, 'journal.ndjson'), 'utf8')).length).toBe(lines)
    },
  )

  it('is shown by a dry run with what speaks against it, which ends as a lift would be refused', async () => {
    const responded = await respondedTo(root())
    const { exitCode, writes, events } = await liftOnDisk(responded, { dryRun: true })
    expect([exitCode, writes]).toEqual([5, []])
    const shown = JSON.stringify(events)
    expect(shown).toContain('works again, the attacker’s too')
    expect(shown).not.toContain('nothing is alive any more')
  })

  it('goes ahead with a reason, which stands in the journal with what spoke against it', async () => {
    const responded = await respondedTo(root())
    const { exitCode, writes, journal } = await liftOnDisk(responded, { reason: 'false alarm, ticket 4711' })
    expect([exitCode, writes]).toEqual([0, ['iam:DeleteRolePolicy']])
    expect(journal).toContainEqual(
      expect.objectContaining({
        type: 'lifting',
        despite: { reason: { untrusted: 'false alarm, ticket 4711' }, against: [expect.stringContaining('too early')] },
      }),
    )
    expect(replay(journal).facts.lift?.despite?.reason).toEqual({ untrusted: 'false alarm, ticket 4711' })
  })

  it('asks for the name of the role', async () => {
    const responded = await respondedTo(root())
    const asked: (string | undefined)[] = []
    const approve = async ({ typed }: ApprovalQuestion): Promise<Approval> => {
      asked.push(typed)
      return { answer: 'declined', why: 'no' }
    }
    const responder = { ...nobody, approve }
    await liftOnDisk(responded, { reason: 'because', responder })
    expect(asked).toEqual(['web-app'])
  })
})

describe('a lift of an incident that is open', () => {
  it('names what is open, and needs a reason', async () => {
    const responded = hoursLater(await respondedTo(root(), 'web-identity', () => {}, { responder: plainYes }), 40)
    expect(responded.exitCode).toBe(6)
    const { exitCode, err, writes } = await liftOnDisk(responded)
    expect([exitCode, writes]).toEqual([5, []])
    expect(err).toContain('its last run ended with exit code 6')
    expect(err).toContain('still open:')
  })

  it('leaves how the response ended as it is', async () => {
    const responded = hoursLater(await respondedTo(root(), 'web-identity', () => {}, { responder: plainYes }), 40)
    const { journal } = await liftOnDisk(responded, { reason: 'the role is no longer used' })
    expect(replay(journal).ended).toMatchObject({ exitCode: 6 })
  })
})
