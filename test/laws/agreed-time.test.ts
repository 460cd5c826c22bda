import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnswerOrigin } from '../../src/aws/clock/answer.ts'
import { type AwsClock, createAwsClock, type Passing } from '../../src/aws/clock.ts'
import { epochOf, type Instant, plus, secondsBetween } from '../../src/incident/values/instant.ts'
import { refuseCutoff } from '../../src/response/stages/revoke-sessions/cutoff.ts'

const START = '2026-11-25T02:00:00Z' as Instant
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** AWS refuses a signature that is farther from its time. */
const REFUSED_MS = 15 * MINUTE * 1000

/** AWS, and a machine whose clock is `off` seconds ahead of it. Time passes where a test lets it. */
const world = (off = 0, hasMachine = true) => {
  let elapsed = 0
  let set = 0
  let ids = 0
  const passing: Passing = {
    elapsed: () => elapsed,
    pass: async (seconds) => {
      elapsed += seconds * 1000
    },
    ...(hasMachine ? { machine: () => epochOf(START) + elapsed + (off + set) * 1000 } : {}),
  }
  const clock = createAwsClock(passing)
  const truth = (): Instant => plus(START, elapsed / 1000)
  return {
    clock,
    truth,
    wait: (seconds: number) => {
      elapsed += seconds * 1000
    },
    setMachine: (seconds: number) => {
      set = seconds
    },
    /** An answer whose Date is `wrong` seconds ahead of AWS's time, to a call that was signed with the clock's time. */
    answer: (service: string, wrong = 0, origin: Partial<AnswerOrigin> = {}, more: Record<string, string> = {}) => {
      ids += 1
      const date = new Date(Math.floor(epochOf(truth()) / 1000 + wrong) * 1000).toUTCString()
      const signedAt = Date.now() + clock.signingOffset()
      const verdict = hasMachine && Math.abs(signedAt - epochOf(truth())) > REFUSED_MS ? 'skewed' : 'accepted'
      clock.setFrom(
        { date, 'x-amzn-requestid': `r${ids}`, ...more },
        { service, host: `${service}.us-east-1`, ...(hasMachine ? { signedAt } : {}), verdict, ...origin },
      )
    },
  }
}

/** Seconds by which a clock is ahead of the truth. */
const errorOf = (clock: AwsClock, truth: Instant): number => secondsBetween(truth, clock.now())

const SERVICES = ['sts', 'ec2', 'guardduty', 'iam', 'cloudtrail']

describe('the time that holds is within a minute of AWS’s', () => {
  it.each([
    ['the first answer is a day ahead', DAY],
    ['the first answer is a day old', -DAY],
    ['the first answer is ten minutes ahead', 10 * MINUTE],
  ])('where %s, and the others are right', (_, wrong) => {
    const { clock, answer, truth, wait } = world()
    answer('sts', wrong)
    for (const service of ['ec2', 'guardduty', 'iam']) {
      wait(1)
      answer(service)
    }
    expect(Math.abs(errorOf(clock, truth()))).toBeLessThan(MINUTE)
    expect(clock.reading().undecided).toBe(false)
  })

  it('where one answer in the middle is a day ahead', () => {
    const { clock, answer, truth, wait } = world()
    for (const [index, service] of [...SERVICES, ...SERVICES].entries()) {
      wait(1)
      answer(service, index === 4 ? DAY : 0)
      expect(Math.abs(errorOf(clock, truth()))).toBeLessThan(MINUTE)
    }
  })

  it.each([HOUR, -HOUR, DAY])('where every answer is %d s off, and AWS accepts signatures of this machine’s time', (wrong) => {
    const { clock, answer, truth, wait } = world()
    for (const service of SERVICES) {
      wait(1)
      answer(service, wrong)
      expect(Math.abs(errorOf(clock, truth()))).toBeLessThan(MINUTE)
      expect(clock.reading()).toMatchObject({ undecided: false })
    }
    expect(clock.reading().aws).toBeUndefined()
  })

  it('where one service answers old Dates, in every Region', () => {
    const { clock, answer, truth } = world()
    answer('sts')
    answer('ec2')
    for (let region = 0; region < 17; region += 1) answer('guardduty', -10 * MINUTE, { host: `guardduty.${region}` })
    answer('iam')
    expect(Math.abs(errorOf(clock, truth()))).toBeLessThan(MINUTE)
    expect(clock.reading().undecided).toBe(false)
  })

  it('where no answer has a Date of its own', () => {
    const { clock, answer, truth } = world()
    answer('sts', -HOUR, {}, { age: '3600' })
    answer('ec2', 0, {}, { date: '' })
    expect(Math.abs(errorOf(clock, truth()))).toBeLessThan(MINUTE)
  })

  it('where an answer is read slowly: its first byte counts', () => {
    const { clock, answer, truth, wait } = world()
    answer('sts')
    const at = clock.mark()
    const date = new Date(truth()).toUTCString()
    wait(90)
    answer('ec2', 0, { at }, { date })
    answer('iam', 0, { at }, { date })
    expect(Math.abs(errorOf(clock, truth()))).toBeLessThan(2)
  })

  it.each([HOUR, -HOUR])('where this machine is %d s off: AWS refuses its signature, and accepts the Date’s', (off) => {
    const { clock, answer, truth } = world(off)
    answer('sts', 0, { verdict: 'skewed' })
    expect(Math.abs(Date.now() + clock.signingOffset() - epochOf(truth()))).toBeLessThan(MINUTE * 1000)
    answer('sts')
    answer('ec2')
    expect(Math.abs(errorOf(clock, truth()))).toBeLessThan(MINUTE)
    const { undecided, machine } = clock.reading()
    expect({ undecided, machine }).toEqual({ undecided: false, machine: undefined })
  })

  it('where somebody sets this machine’s clock an hour ahead during the run', () => {
    const { clock, answer, truth, setMachine } = world()
    answer('sts')
    setMachine(HOUR)
    answer('ec2')
    answer('iam')
    expect(Math.abs(errorOf(clock, truth()))).toBeLessThan(MINUTE)
    expect(clock.reading().undecided).toBe(false)
  })
})

describe('where AWS’s answers and this machine cannot be reconciled', () => {
  const apart = () => {
    const parts = world(4 * MINUTE)
    for (const service of SERVICES) parts.answer(service)
    return parts
  }

  it('nobody is believed until the responder decides', () => {
    const { clock, truth } = apart()
    expect(clock.reading()).toMatchObject({ undecided: true, aws: truth(), machine: plus(truth(), 4 * MINUTE) })
    clock.trust('aws')
    expect(clock.reading().undecided).toBe(false)
    expect(clock.now()).toBe(truth())
    clock.trust('machine')
    expect(clock.now()).toBe(plus(truth(), 4 * MINUTE))
  })

  it('a refused signature of this machine’s time decides', () => {
    const { clock, answer, truth } = apart()
    answer('ec2', 0, { verdict: 'skewed' })
    expect(clock.reading().undecided).toBe(false)
    expect(Math.abs(errorOf(clock, truth()))).toBeLessThan(MINUTE)
  })
})

describe('a cut-off', () => {
  const reading = (aws: number | undefined, machine: number | undefined) => ({
    ...{ now: START, undecided: false },
    ...(aws === undefined ? {} : { aws: plus(START, aws) }),
    ...(machine === undefined ? {} : { machine: plus(START, machine) }),
  })

  it.each([
    [0, 0, 0, true],
    [119, 0, 0, true],
    [-119, 0, 0, true],
    [121, 0, 0, false],
    [-121, 0, 0, false],
    [240, 0, 240, true],
    [240, 0, undefined, false],
    [240, undefined, 0, false],
  ])('that is meant for %d s is written at AWS’s %s and this machine’s %s: %s', (meant, aws, machine, isWritten) => {
    expect(refuseCutoff(plus(START, meant + 30), reading(aws, machine)) === undefined).toBe(isWritten)
  })
})

const answers = fc.array(
  fc.record({
    service: fc.constantFrom(...SERVICES),
    wait: fc.integer({ min: 0, max: 20 }),
    wrong: fc.oneof(
      fc.integer({ min: -DAY, max: DAY }),
      fc.integer({ min: -2 * MINUTE, max: 2 * MINUTE }),
      fc.integer({ min: -15 * MINUTE, max: 15 * MINUTE }),
    ),
  }),
  { minLength: 1, maxLength: 30 },
)

describe('in every schedule of answers', () => {
  it('wrong answers of fewer than half of the services do not move the time by more than a minute, with no clock on the machine', () => {
    fc.assert(
      fc.property(answers, fc.uniqueArray(fc.constantFrom(...SERVICES), { maxLength: 2 }), (schedule, wrongOnes) => {
        const { clock, answer, truth, wait } = world(0, false)
        for (const service of SERVICES.filter((one) => !wrongOnes.includes(one))) answer(service)
        for (const { service, wrong, wait: seconds } of schedule) {
          wait(seconds)
          answer(service, wrongOnes.includes(service) ? wrong : 0)
          expect(Math.abs(errorOf(clock, truth()))).toBeLessThanOrEqual(MINUTE)
        }
      }),
    )
  })

  it('wrong answers that are at no time half of those that were heard do not move it by more than a minute, on a machine that is right', () => {
    fc.assert(
      fc.property(answers, fc.array(fc.nat(29), { maxLength: 14 }), (schedule, picked) => {
        const { clock, answer, truth, wait } = world()
        const mayBeWrong = new Set(picked)
        let wrongOnes = 0
        answer('organizations')
        for (const [index, { service, wrong, wait: seconds }] of schedule.entries()) {
          wait(seconds)
          const heard = index + 2
          const isWrong = mayBeWrong.has(index) && (wrongOnes + 1) * 2 < heard
          wrongOnes += isWrong ? 1 : 0
          answer(service, isWrong ? wrong : 0)
          expect(Math.abs(errorOf(clock, truth()))).toBeLessThanOrEqual(MINUTE)
        }
      }),
    )
  })

  it('the clock never runs backwards, and no single answer makes it jump ahead', () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: -HOUR, max: HOUR }), (schedule, off) => {
        const { clock, answer, wait } = world(off)
        answer('sts')
        answer('ec2')
        answer('iam')
        let before = clock.now()
        for (const { service, wrong, wait: seconds } of schedule.slice(0, 1)) {
          wait(seconds)
          answer(service, wrong)
          expect(secondsBetween(before, clock.now())).toBeLessThanOrEqual(seconds + MINUTE)
        }
        for (const { service, wrong, wait: seconds } of schedule) {
          wait(seconds)
          answer(service, wrong)
          expect(secondsBetween(before, clock.now())).toBeGreaterThanOrEqual(0)
          before = clock.now()
        }
      }),
    )
  })
})

describe('a wait', () => {
  it('ends after its seconds on a monotonic clock, whatever the answers say meanwhile', async () => {
    const { clock, answer, truth } = world()
    for (const service of SERVICES) answer(service)
    const began = clock.elapsed()
    await clock.sleep(30, new AbortController().signal)
    answer('sts', -DAY)
    expect(clock.elapsed() - began).toBe(30)
    expect(Math.abs(errorOf(clock, truth()))).toBeLessThan(MINUTE)
  })
})

it('a pace is believed only where the answers may be a simulated account’s', () => {
  const passing: Passing = { elapsed: () => 0, pass: async () => {}, machine: () => epochOf(START) }
  const clock = createAwsClock(passing, { maySimulate: false })
  const headers = { 'x-simulated-pace': '60', 'x-simulated-machine-time': '0', 'x-amzn-requestid': 'r' }
  clock.setFrom({ ...headers, date: new Date(START).toUTCString() })
  expect(clock.simulated()).toBe(false)
  expect(clock.now()).toBe(START)
})
