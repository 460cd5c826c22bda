import { DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm'
import { expect } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import { replay } from '../../src/incident/incident.ts'
import { endedOf, eventsOf } from '../support/bin-events.ts'
import { journalIn, type Place, responseTo, UNATTENDED, withPlace } from '../support/place.ts'
import type { Ran } from '../support/run-bin.ts'
import { ranBin, type StartedBin, startBin } from '../support/start-bin.ts'
import { UNDONE } from './undone.ts'

/** Every change that a response makes, as its request can be recognised on the wire. */
export const CHANGE_REQUESTS = [
  'Action=PutRolePolicy',
  'Action=CreateSnapshots',
  'Action=StopInstances',
  'Action=StartInstances',
  'AmazonSSM.SendCommand',
  'startInvestigation',
]

/**
 * Milliseconds after which a command that does not end is ended by force. The suite runs on machines that are many times overloaded, and
 * judges how a response ends, not how fast: test/suites/faults.sweep.test.ts holds the deadlines.
 */
const PATIENCE = process.env.IR_CRED_SUITE === 'crashes' ? 240_000 : 80_000

/** What a person does who finds that the run is gone: goes on with the incident, or, where none is listed, responds again. */
const goOn = async (place: Place): Promise<Ran> => {
  const { env, wire } = place
  const [listed] = eventsOf(await ranBin(['incidents', '--json'], { env }))
  if (!listed) return ranBin(responseTo(place), { env, patience: PATIENCE })
  expect(listed.state).toMatch(/open|finished/)
  const again = ['respond', '--incident', String(listed.incident), '--endpoint-url', wire.endpoint, ...UNATTENDED]
  return ranBin(again, { env, patience: PATIENCE })
}

/** Starts a response, kills it at the moment, goes on, and looks at how that ended. */
export const killedAt = (home: () => string, moment: (place: Place, run: StartedBin) => Promise<unknown>): Promise<void> =>
  withPlace(home, async (place) => {
    const run = startBin(responseTo(place), { env: place.env, patience: PATIENCE })
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
  expect(established).toEqual(new Set(stages.map(({ id }) => id).filter((id) => !UNDONE.includes(id))))
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
  expect((await account.stop()).ended.writes).toBe(CHANGE_REQUESTS.length)
}
