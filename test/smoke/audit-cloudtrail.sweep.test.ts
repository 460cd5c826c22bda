import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { chainStart, seal, sealedText } from '../../src/journal/chain.ts'
import { emptyHomes } from '../support/homes.ts'
import { incidentsIn, type Place, responseTo, withPlace } from '../support/place.ts'
import { ranBin } from '../support/start-bin.ts'

interface Line {
  readonly entry: Entry
  readonly h: string
}

const pathIn = (place: Place): string => join(place.root, incidentsIn(place)[0] ?? '', 'journal.ndjson')
const linesIn = (place: Place): readonly Line[] =>
  readFileSync(pathIn(place), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

/** The journal with other entries, all hashes computed anew: the files alone do not show it. */
const rewrite = (place: Place, entries: readonly Entry[]): void => {
  const incident = incidentsIn(place)[0] ?? ''
  let head = chainStart(incident)
  const lines = entries.map((entry, index) => {
    const line = seal(head, index + 1, entry)
    head = line.h
    return sealedText(line)
  })
  writeFileSync(pathIn(place), lines.join(''))
}

const auditOf = async (place: Place, ...args: readonly string[]) => {
  const endpoint = args.includes('--cloudtrail') ? ['--endpoint-url', place.wire.endpoint] : []
  const ran = await ranBin(['audit', incidentsIn(place)[0] ?? '', ...args, ...endpoint], { env: place.env })
  return { ...ran, text: ran.stdout + ran.stderr }
}

/** The account's time goes sixty times as fast: CloudTrail's delivery takes seconds. */
const settled = async (place: Place): Promise<Awaited<ReturnType<typeof auditOf>>> => {
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const audit = await auditOf(place, '--cloudtrail')
    if (audit.code !== 6) return audit
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  return expect.fail('CloudTrail never shows all writes')
}

const home = emptyHomes()

it('an audit compares the heads of a journal with what AWS keeps of them', { timeout: 120_000 }, async () => {
  await withPlace(home, async (place) => {
    await ranBin(responseTo(place), { env: place.env })
    const original = linesIn(place)
    const entries = original.map(({ entry }) => entry)

    const intact = await settled(place)
    expect(intact.text).toMatch(/^AWS {7}matches: (\d+) matches of \1$/m)
    expect(intact.text).toMatch(/matches {2}ssm:SendCommand of line \d+ in Systems Manager/)
    expect(intact.text).toMatch(/matches {2}ec2:CreateSnapshots of line \d+ in snapshot tag/)
    expect(intact.code).toBe(0)

    const last = original.at(-1)?.h ?? ''
    expect((await auditOf(place, '--head', last.slice(0, 16))).code).toBe(0)
    expect((await auditOf(place, '--head', 'ab')).code).toBe(2)

    // A run of writes is dropped, and the chain computed anew.
    const dropped = entries.findIndex(({ type }) => type === 'intended')
    rewrite(place, entries.slice(0, dropped))
    const shorter = await auditOf(place, '--cloudtrail')
    expect(shorter.code).toBe(5)
    expect(shorter.text).toMatch(/NOT IN THE JOURNAL {2}PutRolePolicy/)
    expect(shorter.stderr).toContain('which the journal does not hold')
    const printed = await auditOf(place, '--head', last.slice(0, 16))
    expect(printed.code).toBe(5)
    expect(printed.text).toContain('NOT FOUND')

    // One word of an early entry is another: every later head is.
    rewrite(
      place,
      entries.map((entry, index) => (index === 1 ? ({ ...entry, at: '2020-01-01T00:00:00Z' } as Entry) : entry)),
    )
    const rewritten = await auditOf(place, '--cloudtrail', '--json')
    expect(rewritten.code).toBe(5)
    const [shape] = rewritten.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(shape).toMatchObject({ type: 'audited', intact: true, anchors: { contradicted: true } })
    expect(shape.anchors.compared).toContainEqual(expect.objectContaining({ standing: 'differs', place: 'CloudTrail' }))
  })
})
