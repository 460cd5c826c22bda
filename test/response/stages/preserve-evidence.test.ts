import { describe, expect, it } from 'vitest'
import { preserveEvidence } from '../../../src/response/stages/preserve-evidence.ts'
import { blastRadiusLike } from '../../support/rotation.ts'
import { assessed, contextsOf, factOf, incidentWith, subjectLike } from '../../support/stage-context.ts'
import { ready } from '../../support/stage-on-account.ts'

const { contextLike } = contextsOf()

const VOLUMES = ['vol-0f1e2d3c4b5a69781', 'vol-0f1e2d3c4b5a69782']

const scopedAccount = async () => {
  const known = await ready('custom-threat-list', 'preserve-evidence')
  const facts = { subject: known.subject, blastRadius: known.blastRadius }
  const incident = () => incidentWith(facts, { intents: known.intents() })
  return {
    ...known,
    facts,
    incident,
    see: () => assessed(preserveEvidence, facts, known.context),
    act: async () => preserveEvidence.act?.(incident(), known.context),
  }
}

describe('the evidence of an instance', () => {
  it('needs one call that takes snapshots of all volumes at one moment', async () => {
    const needed = await (await scopedAccount()).see()
    if (needed.status !== 'needed') throw new Error(needed.status)
    expect(needed.effects).toMatchObject([
      {
        operation: 'ec2:CreateSnapshots',
        resource: 'instance/i-08faaaafb15777f5a',
        sentence: `take a snapshot of ${VOLUMES.join(' and ')} at one point in time`,
      },
    ])
    expect(JSON.stringify(needed.acknowledgement)).toContain('The stop destroys the memory')
  })

  it('is preserved by one call, tagged so that it is found again', async () => {
    const { act, built, writes, intents, heads, see } = await scopedAccount()
    await act()
    expect(writes()).toEqual(['ec2:CreateSnapshots'])
    const snapshots = [...built.account.snapshots.values()]
    expect(snapshots.map(({ volumeId }) => volumeId).sort()).toEqual(VOLUMES)
    for (const { tags, description } of snapshots) {
      expect(tags).toEqual({
        'ir-cred:incident': 'web-app-1125-7f3a',
        'ir-cred:journal': heads()[0],
        'ir-cred:nonce': intents()[0]?.nonce,
      })
      expect(description).toBe('ir-cred web-app-1125-7f3a')
    }
    expect(
      factOf(await see())
        .snapshots.map(({ volumeId }) => volumeId)
        .sort(),
    ).toEqual(VOLUMES)
  })

  it('includes the instance’s description and console output, kept before the stop', async () => {
    const { act, kept } = await scopedAccount()
    await act()
    expect(kept.map(({ name }) => name)).toEqual(expect.arrayContaining(['instance-before', 'console-output']))
    expect(kept.find(({ name }) => name === 'instance-before')?.content).toMatchObject({ InstanceId: 'i-08faaaafb15777f5a' })
  })

  it('does without the console output when that may not be read', async () => {
    const { act, kept, built, events } = await scopedAccount()
    const deny = { Effect: 'Deny', Action: 'ec2:GetConsoleOutput', Resource: '*' }
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [deny] })
    built.account.roles.get('ir-responder')?.inline.set('no-console', { document, writtenAt: 0 })
    await act()
    expect(kept.map(({ name }) => name)).not.toContain('console-output')
    expect(JSON.stringify(events)).toContain('ir-cred cannot read the console output')
    expect(built.account.snapshots.size).toBe(2)
  })

  it('is taken again only for the volumes that lack a snapshot', async () => {
    const { act, see, built } = await scopedAccount()
    await act()
    const one = [...built.account.snapshots.values()].find(({ volumeId }) => volumeId === VOLUMES[1])
    built.account.snapshots.delete(one?.id ?? '')
    const needed = await see()
    expect(needed).toMatchObject({
      status: 'needed',
      effects: [{ sentence: expect.stringContaining(`snapshot of ${VOLUMES[1]} at`) }],
    })
  })

  it('is not applicable to an instance without EBS volumes', async () => {
    const facts = { subject: subjectLike(), blastRadius: blastRadiusLike({ volumes: [] }) }
    expect(await assessed(preserveEvidence, facts, contextLike())).toEqual({
      status: 'notApplicable',
      why: 'i-08faaaafb15777f5a has no EBS volumes to snapshot',
    })
  })
})

describe('the re-check of the snapshots', () => {
  const again = async (change: (on: Awaited<ReturnType<typeof scopedAccount>>) => void = () => {}) => {
    const on = await scopedAccount()
    await on.act()
    const evidence = factOf(await on.see())
    change(on)
    const incident = on.incident()
    return preserveEvidence.recheck?.look({ ...incident, facts: { ...incident.facts, evidence } }, on.context)
  }

  it('succeeds while all exist, pending or not', async () => {
    expect(await again()).toMatchObject({ stands: true, says: expect.stringMatching(/^snap-\w+ \w+, snap-\w+ \w+$/) })
  })

  it('fails when one is gone', async () => {
    const deleted = await again(({ built: { account } }) => {
      const [first = ''] = account.snapshots.keys()
      account.snapshots.delete(first)
    })
    expect(deleted).toMatchObject({
      stands: false,
      says: expect.stringMatching(/^EVIDENCE DELETED: snapshot snap-\w+ of vol-\w+ does not exist any more/),
    })
  })
})
