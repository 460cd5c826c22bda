import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, it, vi } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import { replay } from '../../src/incident/incident.ts'
import { endedOf, eventsOf } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import { incidentsIn, journalIn, type Place, responseTo, UNATTENDED, withPlace } from '../support/place.ts'
import type { Ran } from '../support/run-bin.ts'
import { ranBin, type StartedBin, startBin } from '../support/start-bin.ts'

/** A whole run has about 115 lines, and the 7th opens the journal. IR_CRED_KILL=everywhere kills after each, which takes minutes; 2/3 after the 2nd, 5th, 8th … */
const LINES = Array.from({ length: 116 }, (_, index) => index + 1)
const KILL = process.env.IR_CRED_KILL ?? '7/8'
const [offset = 0, every = 1] = KILL === 'everywhere' ? [] : KILL.split('/').map(Number)
const AFTER_LINES = LINES.filter((line) => line % every === offset % every)

/** Every change that a response makes, as its request can be recognised on the wire. */
const CHANGES = [
  'Action=PutRolePolicy',
  'Action=CreateSnapshots',
  'Action=StopInstances',
  'Action=StartInstances',
  'AmazonSSM.SendCommand',
  'startInvestigation',
]

// Mostly they wait: for the account's time to pass.
vi.setConfig({ maxConcurrency: 8 })

const home = emptyHomes()

/** What a person does who finds that the run is gone: goes on with the incident, or, where none is listed, responds again. */
const goOn = async (place: Place): Promise<Ran> => {
  const { env, wire } = place
  const [listed] = eventsOf(await ranBin(['incidents', '--json'], { env }))
  if (!listed) return ranBin(responseTo(place), { env })
  expect(listed.state).toMatch(/open|finished/)
  return ranBin(['respond', '--incident', String(listed.incident), '--endpoint-url', wire.endpoint, ...UNATTENDED], { env })
}

/** Starts a response, kills it at the moment, goes on, and looks at how that ended. */
const killedAt = (moment: (place: Place, run: StartedBin) => Promise<unknown>): Promise<void> =>
  withPlace(home, async (place) => {
    const run = startBin(responseTo(place), { env: place.env })
    await Promise.race([moment(place, run), run.ended])
    run.kill('SIGKILL')
    await run.ended
    await expectTheUsualEnd(place, await goOn(place))
  })

const expectTheUsualEnd = async (place: Place, ran: Ran): Promise<void> => {
  const { account } = place
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
  const { incident, entries, damage } = await journalIn(place)
  expect(damage).toBeUndefined()
  expect(endedOf(ran)).toMatchObject({ ending: 'completed', exitCode: 0, incident, alarms: [] })
  const { facts, ended } = replay(entries)
  expect(ended?.exitCode).toBe(0)
  const established = new Set(entries.flatMap((entry) => (entry.type === 'established' ? [entry.stage] : [])))
  expect(established).toEqual(new Set(stages.map(({ id }) => id)))
  // CloudTrail may not show the issue yet when the second run asks.
  expect(['rotated', 'renewed']).toContain(facts.rotation?.verdict)

  const responder = account.configFor('responder')
  const { PolicyDocument = '' } = await new IAMClient(responder).send(
    new GetRolePolicyCommand({ RoleName: 'web-app', PolicyName: 'AWSRevokeOlderSessions' }),
  )
  expect(decodeURIComponent(PolicyDocument)).toContain(`"${facts.revocation?.cutoff}"`)
  const { Snapshots } = await new EC2Client(responder).send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))
  expect(Snapshots).toHaveLength(2)
  const { Commands } = await new SSMClient(responder).send(new ListCommandsCommand({}))
  expect(Commands).toHaveLength(1)
  expect((await account.stop()).ended.writes).toBe(CHANGES.length)
}

describe.concurrent('a response that is killed and gone on with ends as if nothing had happened, no change made twice', () => {
  it('a response killed before it has said anything ends the same', () =>
    killedAt(() => new Promise((resolve) => setTimeout(resolve, 150))))

  it.each(AFTER_LINES)('a response killed after line %i ends the same', (number) =>
    killedAt((_, run) => run.line((_line, index) => index === number - 1).catch(() => undefined)),
  )

  it.each<[moment: string, journal: (whole: Buffer) => Buffer | undefined]>([
    ['before it made the journal', () => undefined],
    ['before it wrote the first line', () => Buffer.alloc(0)],
    ['in the middle of the first line', (whole) => whole.subarray(0, 40)],
    ['in the middle of the last line', (whole) => Buffer.concat([whole, Buffer.from('{"entry":{"at":"2026')])],
  ])('a response killed %s ends the same', (_, journal) =>
    killedAt(async (place, run) => {
      await run.line((line) => JSON.parse(line).type === 'opened')
      run.kill('SIGKILL')
      await run.ended
      const path = join(place.root, incidentsIn(place)[0] ?? '', 'journal.ndjson')
      const left = journal(readFileSync(path))
      if (left) writeFileSync(path, left)
      else rmSync(path)
    }),
  )

  it.each(CHANGES)(
    'a response killed when AWS has made the change and the answer is still on its way ends the same: %s',
    (change) => killedAt(({ wire }) => wire.keepAnswerTo(change)),
  )
})
