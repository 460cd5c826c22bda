import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { delivered, gzipped, idsIn, idsOf, roleCall, scanFor, stolenCall, strangerCall, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const good = stolenCall()

/** Scans a good file and another one; gives why the other one is bad, and what was found in both. */
const besides = async (content: string | Uint8Array, name = 'other.json') => {
  const folder = temporaryFolder()
  writeLogs(folder, { 'good.json.gz': gzipped(delivered([good])), [name]: content })
  const { states, bad, files } = await scanFor([folder])
  expect(files).toBe(2)
  return { ids: idsIn(states[0]), why: bad.map(({ path, why }) => `${path.slice(folder.length + 1)}: ${why}`) }
}

const calls = Array.from({ length: 40 }, () => stolenCall())
const text = delivered(calls)
const middle = Math.floor(text.length / 2) + 200
/** Where the last whole record in the first half ends. */
const end = text.lastIndexOf('},{"eventVersion"', middle) + 1
const inHalf = calls.filter(({ eventID }) => text.indexOf(String(eventID)) < end)

describe('a file with events without a time', () => {
  const undated = ({ eventTime: _, ...call } = stolenCall()) => call

  it.each([
    [1, 'One event that may belong to the principal has no valid time and is not counted.'],
    [3, '3 events that may belong to the principal have no valid time and are not counted.'],
  ])('is reported with the number %i, and its other events count', async (count, sentence) => {
    const ofNoTime = Array.from({ length: count }, (_, index) =>
      index % 2 === 0 ? undated() : { ...undated(), eventTime: 'lately' },
    )
    const { ids, why } = await besides(delivered([...ofNoTime, ...calls]))
    expect(ids).toEqual(idsOf([good, ...calls]))
    expect(why).toEqual([`other.json: ${sentence}`])
  })

  it('is not reported for events of other principals', async () => {
    const { eventTime: _, ...ofAnother } = strangerCall()
    const { ids, why } = await besides([ofAnother, ...calls].map((call) => JSON.stringify(call)).join('\n'))
    expect({ ids, why }).toEqual({ ids: idsOf([good, ...calls]), why: [] })
  })

  it('is not reported for events of its role, which one thread learns of sooner than another', async () => {
    const { eventTime: _, ...ofTheRole } = roleCall()
    const { ids, why } = await besides([...calls, ofTheRole].map((call) => JSON.stringify(call)).join('\n'))
    expect({ ids, why }).toEqual({ ids: idsOf([good, ...calls]), why: [] })
  })

  it('is reported once, though its records lead to new principals', async () => {
    const { why } = await besides([undated(), ...calls].map((call) => JSON.stringify(call)).join('\n'))
    expect(why).toEqual(['other.json: One event that may belong to the principal has no valid time and is not counted.'])
  })
})

describe('a truncated file is read up to its end and reported', () => {
  it('a truncated JSON file is read up to its end and reported', async () => {
    const { ids, why } = await besides(text.slice(0, middle))
    expect(ids).toEqual(idsOf([good, ...inHalf]))
    expect(why).toEqual([`other.json: Its JSON is truncated (read up to byte ${end}). ${inHalf.length} events in it were read.`])
  })

  it('a truncated file of pretty-printed JSON is read up to its end and reported', async () => {
    const pretty = JSON.stringify({ Records: calls }, null, 2)
    const { ids, why } = await besides(pretty.slice(0, pretty.length / 2))
    expect(ids.length).toBeGreaterThan(10)
    expect(why).toEqual([expect.stringMatching(/^other\.json: Its JSON is truncated \(read up to byte \d+\)/)])
  })

  it('a truncated file of one event per line is read up to its end and reported', async () => {
    const lines = calls.map((call) => JSON.stringify(call)).join('\n')
    const { ids, why } = await besides(lines.slice(0, -100))
    expect(ids).toEqual(idsOf([good, ...calls.slice(0, -1)]))
    expect(why).toEqual(['other.json: Line 40 is not valid JSON. 39 events in it were read.'])
  })

  it('a truncated gzip file is read up to its end and reported', async () => {
    const packed = gzipSync(
      delivered(
        Array.from({ length: 2000 }, (_, index) => stolenCall({ eventID: `call-${index}`, requestID: `${index * index}` })),
      ),
    )
    const { ids, why } = await besides(packed.subarray(0, packed.length / 2), 'other.json.gz')
    expect(ids.length).toBeGreaterThan(500)
    expect(why).toEqual([`other.json.gz: Its gzip data is truncated. ${ids.length - 1} events in it were read.`])
  })

  it('a gzip file of two members, the second truncated, is read up to its end and reported', async () => {
    const packed = Buffer.concat([gzipped(text.slice(0, middle)), gzipped(text.slice(middle)).subarray(0, 40)])
    const { ids, why } = await besides(packed)
    expect(ids.length).toBeGreaterThanOrEqual(inHalf.length)
    expect(why[0]).toContain('Its gzip data is truncated.')
  })
})

describe('damage in the middle of a file does not hide the rest', () => {
  it('a record that is not valid JSON does not hide the rest', async () => {
    const { ids, why } = await besides(
      text.replace('"eventVersion":"1.09","userIdentity"', '"eventVersion":"1.09",,"userIdentity"'),
    )
    expect(ids).toEqual(idsOf([good, ...calls.slice(1)]))
    expect(why).toEqual(['other.json: 1 of its values is not valid JSON. 39 events in it were read.'])
  })

  it('a line that is not valid JSON does not hide the rest', async () => {
    const lines = calls.map((call, index) => (index === 7 ? `oops ASIASTOLENKEY0000001` : JSON.stringify(call)))
    const { ids, why } = await besides(lines.join('\n'))
    expect(ids).toEqual(idsOf([good, ...calls.filter((_, index) => index !== 7)]))
    expect(why).toEqual(['other.json: Line 8 is not valid JSON. 39 events in it were read.'])
  })

  it.each([
    ['the end of an event, because the file was split', 'ss","readOnly":true}'],
    ['the start of an event', '{"eventVersion":"1.09","userIdentity":{"type":"Assu'],
    ['a heading', '# exported on Monday'],
    ['a name', 'eventName'],
    ['not text', '\u0000\u0001\uFFFD'],
  ])('a first line that is %s does not hide the rest', async (_, first) => {
    const some = calls.slice(0, 5)
    const { ids, why } = await besides(`${[first, ...some.map((call) => JSON.stringify(call))].join('\n')}\n`)
    expect(ids).toEqual(idsOf([good, ...some]))
    expect(why).toEqual(['other.json: Line 1 is not valid JSON. 5 events in it were read.'])
  })

  it('damaged gzip data does not hide the events before it', async () => {
    const packed = gzipSync(
      delivered(
        Array.from({ length: 2000 }, (_, index) => stolenCall({ eventID: `call-${index}`, requestID: `${index * index}` })),
      ),
    )
    packed.fill(0x55, packed.length - 60, packed.length - 20)
    const { ids, why } = await besides(packed)
    expect(ids.length).toBeGreaterThan(500)
    // What the damage reads as depends on the bytes: as an end that never comes, too.
    expect(why[0]).toMatch(/Its gzip data is (?:damaged \(.*\)|truncated)\. \d+ events in it were read\.$/)
  })
})

describe('a file without readable records is reported', () => {
  it.each([
    ['empty', '', 'It is empty.'],
    ['empty, compressed', gzipped(''), 'It is empty.'],
    ['text', 'Read me first.\n', 'It is not JSON.'],
    ['zeros', Buffer.alloc(500), 'It is not JSON.'],
    ['a truncated zip archive', Buffer.from('504b0304140000000800', 'hex'), 'Its zip data is truncated.'],
    ['a zip archive of nothing', Buffer.from('504b0506'.padEnd(44, '0'), 'hex'), 'There is no file in it.'],
    ['a 7z archive', Buffer.from('377abcaf271c0004', 'hex'), 'It is a 7z archive: unpack it and name the folder.'],
    ['an ORC file', Buffer.from('ORC...'), 'It is an ORC file: export the records as JSON, CSV or Parquet.'],
    ['of another tool', '{"schemaVersion":"2.0","id":"b6c1"}', 'It holds no CloudTrail record.'],
    [
      'of another tool and contains the key',
      '{"schemaVersion":"2.0","key":"ASIASTOLENKEY0000001"}',
      'It holds no CloudTrail record in a form that ir-cred reads, although ASIASTOLENKEY0000001 stands in it: export the records as CloudTrail wrote them.',
    ],
  ])('a file that is %s is reported', async (_, content, why) => {
    expect(await besides(content)).toEqual({ ids: idsOf([good]), why: [`other.json: ${why}`] })
  })

  it('a file that is no gzip although its name ends in .gz is reported', async () => {
    expect((await besides('not gzip', 'other.json.gz')).why).toEqual(['other.json.gz: It is neither gzip nor JSON.'])
  })

  it('a file that decompresses to far more than a log file does is reported', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 2 ** 20, ' '))
    expect((await besides(bomb)).why).toEqual(['other.json: It decompresses to more than 300 times its size.'])
  })

  it('a file that states a small size and decompresses to a large one is reported', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 2 ** 20, ' '))
    bomb.writeUInt32LE(1000, bomb.length - 4)
    expect((await besides(bomb)).why).toEqual(['other.json: It decompresses to more than 300 times its size.'])
  })

  it('a file whose values are nested deeply does not keep other files from being read', async () => {
    const { ids } = await besides(`{"Records":[{"eventVersion":"1.09","a":${'['.repeat(200_000)}${']'.repeat(200_000)}}]}`)
    expect(ids).toEqual(idsOf([good]))
  })

  it('a file that does not exist or cannot be opened is reported', async () => {
    const folder = temporaryFolder()
    const [path = ''] = writeLogs(folder, { 'a.json': delivered([good]) })
    chmodSync(path, 0)
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link.json'))
    const { bad } = await scanFor([folder, join(folder, 'missing')])
    const mayReadAll = process.getuid?.() === 0
    expect(bad.map(({ why }) => why)).toEqual([
      ...(mayReadAll ? [] : ['You do not have permission to read it.']),
      'It does not exist.',
      'It does not exist.',
    ])
  })
})

describe('a file whose name is not UTF-8', () => {
  it.skipIf(process.platform !== 'linux')('is reported, because Node cannot open it by its name', async () => {
    const folder = temporaryFolder()
    writeLogs(folder, { 'good.json': delivered([good]) })
    writeFileSync(
      Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x62, 0xff]), Buffer.from('.json')]),
      delivered([stolenCall()]),
    )
    mkdirSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xfe])]))
    const { bad, states } = await scanFor([folder])
    expect(idsIn(states[0])).toEqual(idsOf([good]))
    expect(bad.map(({ why }) => why)).toEqual(Array(2).fill('Its name is not UTF-8. Rename it to read it.'))
  })
})

describe('a bad file', () => {
  it('is not reported for events of its role, which one thread learns of sooner than another', async () => {
    const { eventTime: _, ...ofTheRole } = roleCall()
    const { ids, why } = await besides([...calls, ofTheRole].map((call) => JSON.stringify(call)).join('\n'))
    expect({ ids, why }).toEqual({ ids: idsOf([good, ...calls]), why: [] })
  })

  it('is reported once, though a later pass reads it again', async () => {
    const folder = temporaryFolder()
    const other = strangerCall({ userIdentity: { ...(good.userIdentity as object), accessKeyId: 'ASIAOTHER00000000001' } })
    writeLogs(folder, {
      '111122223333_CloudTrail_us-east-1_20260301T1300Z_a.json': `${delivered([other]).slice(0, -2)},`,
      '111122223333_CloudTrail_us-east-1_20260301T1200Z_b.json': delivered([good]),
    })
    const { states, bad } = await scanFor([folder])
    expect(idsIn(states[0])).toEqual(idsOf([good, other]))
    expect(bad).toHaveLength(1)
  })
})
