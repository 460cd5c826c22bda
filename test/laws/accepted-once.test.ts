import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { askedBy } from '../faults/operation.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { buildQuick, changesIn } from './whole-run.ts'

/** What an answer of EC2 is replaced by, before the responder sees it. */
const replacing =
  (wanted: string, replace: (body: string) => string): Fault =>
  async (request, next) => {
    const response = await next(request)
    const { operation } = await askedBy(request)
    return operation === wanted ? { ...response, body: replace(String(response.body)) } : response
  }

describe('a change that AWS accepted is not sent again by itself', () => {
  it('a stop and a start are seen by the states, where EC2 keeps the first LaunchTime', async () => {
    const built = await buildQuick()
    let first: string | undefined
    const fault = replacing('ec2:DescribeInstances', (body) =>
      body.replace(/<launchTime>[^<]*<\/launchTime>/g, (time) => {
        first ??= time
        return first
      }),
    )
    const { result } = await runInMemory({ built, fault, proofWait: 1200 })
    expect(changesIn(built)).toMatchObject({ StopInstances: 1, StartInstances: 1 })
    expect(result.exitCode).toBe(0)
  })

  it('CreateSnapshots is sent once where the list of it answers empty, and the run says what was accepted', async () => {
    const built = await buildQuick()
    const empty = (body: string) => body.replace(/<snapshotSet>.*<\/snapshotSet>/s, '<snapshotSet/>')
    const { result } = await runInMemory({ built, fault: replacing('ec2:DescribeSnapshots', empty), proofWait: 0 })
    expect(changesIn(built).CreateSnapshots).toBe(1)
    expect(result.exitCode).toBe(6)
    expect(result.failure?.message).toMatch(/AWS accepted \w+:\w+ on .* and ir-cred cannot see the change/)
  })

  it('SendCommand is sent once where the list of it answers empty, and the run goes on and says so', async () => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, fault: replacing('ssm:ListCommands', () => '{"Commands":[]}'), proofWait: 0 })
    expect(changesIn(built).SendCommand).toBe(1)
    expect(result.ending).toBe('completed')
    expect(result.incident.facts.rotation?.why).toMatch(/the command was sent, and Systems Manager does not list it/)
  })
})
