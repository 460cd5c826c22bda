import { StopInstancesCommand } from '@aws-sdk/client-ec2'
import { describe, expect, it } from 'vitest'
import { sendOnce } from '../../../src/aws/send-once.ts'
import type { Facts } from '../../../src/incident/facts/facts.ts'
import { type Instant, isBefore, plus } from '../../../src/incident/values/instant.ts'
import { restartInstance } from '../../../src/response/stages/restart-instance.ts'
import type { Instance } from '../../../src/simulator/account/account.ts'
import { blockText } from '../../support/block-text.ts'
import { restartedIncident } from '../../support/rotation.ts'
import { subjectInstanceOf } from '../../support/scenario.ts'
import { assessed, factOf, incidentWith, JOURNAL_HEAD } from '../../support/stage-context.ts'
import { ready } from '../../support/stage-on-account.ts'

const ID = 'i-08faaaafb15777f5a'
const decided = { 'preserve-evidence': { how: 'skipped', why: 'skipped by the test' } } as const

/** An account whose role was revoked just now; the instance is changed before it is looked at. */
const revoked = async (change: (subjectInstance: Instance) => void = () => {}, dryRun = false) => {
  const on = await ready('custom-threat-list', 'restart-instance', { dryRun })
  const cutoff = plus(on.context.now(), 30)
  const revocation: Facts['revocation'] = { ...restartedIncident().facts.revocation, cutoff }
  const facts = { subject: on.subject, blastRadius: on.blastRadius, revocation }
  change(subjectInstanceOf(on.built))
  const incident = () => incidentWith(facts, { decided, intents: on.intents() })
  return {
    ...on,
    cutoff,
    facts,
    subjectInstance: () => subjectInstanceOf(on.built),
    see: () => assessed(restartInstance, facts, on.context, { decided }),
    act: async () => restartInstance.act?.(incident(), on.context),
    /** Seconds since it was revoked. */
    seconds: () => (Date.parse(on.context.now()) - Date.parse(cutoff)) / 1000 + 30,
    stop: () => {
      const command = new StopInstancesCommand({ InstanceIds: [ID] })
      return sendOnce(on.connection.aws('us-east-1').ec2, command, {
        writeGate: on.connection.writeGate,
        abortSignal: new AbortController().signal,
        journalHead: JOURNAL_HEAD,
      })
    },
  }
}

const operationsOf = (assessment: Awaited<ReturnType<Awaited<ReturnType<typeof revoked>>['see']>>) =>
  assessment.status === 'needed' ? assessment.effects.map(({ operation }) => operation) : assessment.status

describe('restart-instance', () => {
  it('stops and starts an instance that runs since before the cut-off', async () => {
    const needed = await (await revoked()).see()
    if (needed.status !== 'needed') throw new Error(needed.status)
    expect(needed.effects.map(({ operation, resource }) => `${operation} ${resource}`)).toEqual([
      `ec2:StopInstances instance/${ID}`,
      `ec2:StartInstances instance/${ID}`,
    ])
    expect(needed.typed).toBe(ID)
    expect(blockText(needed.acknowledgement)).toContain('change its public address 203.0.113.25')
    expect(blockText(needed.acknowledgement)).toContain('never reboots it')
  })

  it('tells with the question what of the stop’s dangers could not be read at this moment', async () => {
    const on = await revoked()
    const deny = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: ['ec2:DescribeInstanceAttribute', 'autoscaling:*'], Resource: '*' }],
    })
    on.built.account.roles.get('ir-responder')?.inline.set('few-reads', { document: deny, writtenAt: 0 })
    const needed = await on.see()
    const asked = needed.status === 'needed' ? blockText(needed.acknowledgement) : needed.status
    expect(asked).toContain(`Whether ${ID} has stop protection is not known: ec2:DescribeInstanceAttribute is denied.`)
    expect(asked).toContain(
      `Whether ${ID} is in an Auto Scaling group is not known: autoscaling:DescribeAutoScalingInstances is denied.`,
    )
  })

  it('tells with the question that SSM may not be able to ask the instance, and that you may not be able to start it', async () => {
    const on = await revoked()
    const blastRadius = {
      ...on.facts.blastRadius,
      ssm: { state: 'not-managed' as const },
      permitted: { ...on.facts.blastRadius.permitted, start: 'unknown' as const },
    }
    const needed = await assessed(restartInstance, { ...on.facts, blastRadius }, on.context, { decided })
    const asked = needed.status === 'needed' ? blockText(needed.acknowledgement) : needed.status
    expect(asked).toContain('SSM: Systems Manager does not list it')
    expect(asked).toContain('only CloudTrail’s record of the new issue proves the rotation')
    expect(asked).toContain(`Whether you may start ${ID} again is not known`)
  })

  it('restarts an instance that was started in the second of the cut-off', async () => {
    const { see, facts, subjectInstance } = await revoked()
    subjectInstance().launchTime = Date.parse(facts.revocation.cutoff)
    expect(operationsOf(await see())).toEqual(['ec2:StopInstances', 'ec2:StartInstances'])
  })

  it('only starts an instance that is stopped already', async () => {
    const on = await revoked()
    await on.stop()
    on.connection.opened.account.clock.advance(120)
    expect(operationsOf(await on.see())).toEqual(['ec2:StartInstances'])
  })

  it('waits for an instance that is stopping', async () => {
    const on = await revoked()
    await on.stop()
    expect(on.subjectInstance().state).toBe('stopping')
    expect(operationsOf(await on.see())).toEqual(['ec2:StartInstances'])
    expect(on.subjectInstance().state).toBe('stopped')
  })

  it('gives up after 25 minutes on an instance that hangs in stopping, with the command that forces the stop', async () => {
    const on = await revoked((subjectInstance) => {
      subjectInstance.stopHangs = true
    })
    await on.stop()
    await expect(on.see()).rejects.toMatchObject({
      kind: 'blocked',
      what: `${ID} is still stopping after 25 min`,
      remedy: expect.stringContaining('stop-instances --force'),
    })
  })

  it('stops the run for a terminated instance, without which you can continue', async () => {
    const on = await revoked((subjectInstance) => {
      subjectInstance.state = 'terminated'
    })
    expect(await on.see()).toMatchObject({
      status: 'blocked',
      kind: 'unconfirmed',
      why: expect.stringMatching(`^${ID} is terminated: CloudTrail shows no termination of it`),
      remedy: expect.stringContaining('--skip restart-instance'),
    })
  })

  it('needs nothing for an instance that somebody else restarted after the cut-off', async () => {
    const on = await revoked()
    const launchTime = Date.parse(on.cutoff) + 5_000
    on.subjectInstance().launchTime = launchTime
    on.subjectInstance().publicIp = '203.0.113.77'
    expect(factOf(await on.see())).toEqual({
      instanceId: ID,
      previousLaunchTime: on.blastRadius.instance.launchTime,
      launchTime: new Date(launchTime).toISOString().replace('.000Z', 'Z'),
      publicIpBefore: '203.0.113.25',
      publicIpAfter: '203.0.113.77',
    })
    expect(on.writes()).toEqual([])
  })
})

describe('the time before the instance is stopped', () => {
  it('the preservation of evidence is decided', async () => {
    const { facts, context } = await revoked()
    expect(await assessed(restartInstance, facts, context)).toMatchObject({
      status: 'blocked',
      why: expect.stringContaining('the stop destroys evidence'),
      remedy: expect.stringContaining('--skip preserve-evidence'),
    })
    const evidence = { snapshots: [] }
    const seen = await restartInstance.assess({ ...incidentWith(facts), facts: { ...facts, evidence } }, context)
    expect(seen.status).toBe('needed')
  })

  it('a dry run needs no decision, and waits for nothing', async () => {
    const on = await revoked((subjectInstance) => {
      subjectInstance.state = 'stopping'
    }, true)
    const began = on.seconds()
    expect((await assessed(restartInstance, on.facts, on.context)).status).toBe('needed')
    expect(on.seconds() - began).toBeLessThan(5)
  })
})

describe('the restart of an instance', () => {
  it('stops it, waits for the cut-off and starts it, by two writes with an intent each', async () => {
    const on = await revoked()
    await on.act()
    expect(on.writes()).toEqual(['ec2:StopInstances', 'ec2:StartInstances'])
    expect(on.intents().map(({ effect, outcome }) => `${effect.operation} ${outcome}`)).toEqual([
      'ec2:StopInstances accepted',
      'ec2:StartInstances accepted',
    ])
    const fact = factOf(await on.see())
    expect(isBefore(on.cutoff, fact.launchTime)).toBe(true)
    expect(fact.publicIpAfter).not.toBe(fact.publicIpBefore)
  })

  it('never starts it before the cut-off has passed, even after a fast stop', async () => {
    const on = await revoked()
    await on.stop()
    on.subjectInstance().state = 'stopped'
    delete on.subjectInstance().transition
    await on.act()
    expect(on.writes()).toEqual(['ec2:StopInstances', 'ec2:StartInstances'])
    expect(on.subjectInstance().launchTime).toBeGreaterThanOrEqual(Date.parse(on.cutoff))
    expect(factOf(await on.see()).launchTime).toBeDefined()
  })

  it('tries again a minute later when EC2 has no capacity', async () => {
    const on = await revoked((subjectInstance) => {
      subjectInstance.startFails = { how: 'capacity', times: 2 }
    })
    await on.act()
    expect(on.intents().map(({ outcome }) => outcome)).toEqual(['accepted', 'refused', 'refused', 'accepted'])
    expect(on.seconds()).toBeGreaterThan(150)
    expect((await on.see()).status).toBe('established')
  })

  it('stops after three tries without capacity: revoked and stopped is a safe state', async () => {
    const on = await revoked((subjectInstance) => {
      subjectInstance.startFails = { how: 'capacity', times: 9 }
    })
    await expect(on.act()).rejects.toMatchObject({
      kind: 'unavailable',
      meaning: 'capacity',
      why: expect.stringMatching(
        /^InsufficientInstanceCapacity: .*, still after 2 min of waiting for AWS to have free capacity$/,
      ),
      remedy: expect.stringContaining('safe state'),
    })
    expect(on.intents().filter(({ effect }) => effect.operation === 'ec2:StartInstances')).toHaveLength(3)
    expect(on.subjectInstance().state).toBe('stopped')
  })

  it('ends with EC2’s reason when the instance falls back to stopped', async () => {
    const on = await revoked((subjectInstance) => {
      subjectInstance.startFails = { how: 'kms', times: 1 }
    })
    await expect(on.act()).rejects.toMatchObject({
      kind: 'blocked',
      what: `${ID} fell back to stopped right after the start`,
      why: expect.stringContaining('Client.InternalError'),
      remedy: expect.stringContaining('KMS'),
    })
    expect(on.seconds()).toBeLessThan(300)
  })

  it('is refused when the stop is denied, and nothing is stopped', async () => {
    const on = await revoked((subjectInstance) => {
      subjectInstance.stopProtection = true
    })
    await expect(on.act()).rejects.toMatchObject({ what: `AWS refused ec2:StopInstances on instance/${ID}` })
    expect(on.subjectInstance().state).toBe('running')
  })
})

describe('the description of a restart', () => {
  const { restart } = restartedIncident().facts
  const text = (parts: Partial<Facts['restart']>) => blockText(restartInstance.describe({ restart: { ...restart, ...parts } }))

  it('shows both launch times', () => {
    expect(text({})).toContain(`${restart.previousLaunchTime} before, ${restart.launchTime} now, after the cut-off`)
  })

  it.each<[Partial<Facts['restart']>, string]>([
    [{}, 'public address: none'],
    [{ publicIpBefore: '203.0.113.1', publicIpAfter: '203.0.113.1' }, 'public address: 203.0.113.1'],
    [{ publicIpBefore: '203.0.113.1', publicIpAfter: '203.0.113.2' }, 'public address: 203.0.113.1 before, 203.0.113.2 now'],
    [{ publicIpBefore: '203.0.113.1' }, 'public address: 203.0.113.1 before, none now'],
  ])('%j: %s', (parts, line) => {
    expect(text(parts)).toContain(line)
  })

  it('takes the launch time from EC2, to the second', () => {
    expect(text({ launchTime: '2026-11-25T12:00:01Z' as Instant })).toContain('2026-11-25T12:00:01Z now')
  })
})
