import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { type Incident, lookAgain, replay } from '../../src/incident/incident.ts'
import type { StillToDo, StillToDoKind } from '../../src/incident/left-to-do.ts'
import { stillToDo } from '../../src/incident/still-to-do.ts'
import type { Instant } from '../../src/incident/values/instant.ts'
import { rawLine } from '../../src/incident/values/show.ts'
import { editedDocument } from '../../src/investigation/persistence/rule.ts'
import { breaks } from '../faults/kinds.ts'
import { examinedLike, persistenceLike } from '../support/artefacts.ts'
import { nobody, runInMemory } from '../support/run-in-memory.ts'
import { buildQuick } from './whole-run.ts'

const commands = {
  resume: 'ir-cred respond --incident x',
  findingsOn: (key: string) => `ir-cred findings --access-key-id ${key}`,
  lift: 'ir-cred lift x',
}
const leftAfter = (incident: Incident): readonly StillToDo[] => stillToDo(incident, { alarms: [], unproven: [], commands })
const kindsAfter = (incident: Incident): readonly StillToDoKind[] => leftAfter(incident).map(({ kind }) => kind)
const of = (kind: StillToDoKind, all: readonly StillToDo[]): readonly string[] =>
  all.filter((one) => one.kind === kind).map(({ sentence, command = '' }) => `${rawLine(sentence)} ${command}`)

const INSTANCE = 'i-08faaaafb15777f5a'
const START = `aws ec2 start-instances --instance-ids ${INSTANCE} --region us-east-1`
const { journal } = await runInMemory({ built: await buildQuick(), proofWait: 0 })

/** Where a run can be cut off: after each of its entries. */
const moments = journal.map((_, index) => journal.slice(0, index + 1))
const has = (entries: readonly Entry[], fits: (entry: Entry) => boolean): boolean => entries.some(fits)
const sentOf = (operation: string, entries: readonly Entry[]): boolean =>
  has(entries, (entry) => entry.type === 'intended' && entry.effect.operation === operation)
const established = (fact: string, entries: readonly Entry[]): boolean =>
  has(entries, (entry) => entry.type === 'established' && fact in entry.fact)

describe('a run that is cut off at any of its entries', () => {
  it('names the stopped instance and its start, from the stop that was sent until the instance was seen to run', () => {
    for (const entries of moments) {
      const wanted = sentOf('ec2:StopInstances', entries) && !established('restart', entries)
      for (const incident of [replay(entries), lookAgain(replay(entries))]) {
        const stopped = of('stopped', leftAfter(incident))
        expect(stopped).toHaveLength(wanted ? 1 : 0)
        if (wanted) expect(stopped[0]).toMatch(new RegExp(`^${INSTANCE} (is|may be) STOPPED: .*${START}$`))
      }
    }
  })

  it('says that the stolen key is not denied, until the deny was read back, and who is cut off since it was sent', () => {
    for (const entries of moments) {
      const kinds = kindsAfter(replay(entries))
      const found = established('finding', entries)
      expect(kinds.includes('not-denied')).toBe(found && !established('revocation', entries))
      expect(kinds.includes('cut-off')).toBe(sentOf('iam:PutRolePolicy', entries))
      expect(kinds.includes('policy')).toBe(established('revocation', entries))
    }
  })

  it('has the most dangerous first', () => {
    const order: readonly StillToDoKind[] = [
      'alarm',
      'not-denied',
      'open',
      'way-back',
      'stopped',
      'cut-off',
      'unproven',
      'watch',
      'policy',
    ]
    for (const entries of moments) {
      const places = kindsAfter(replay(entries)).map((kind) => order.indexOf(kind))
      expect(places).toEqual(places.toSorted((a, b) => a - b))
    }
  })

  it('has a command without a placeholder for everything that a command can do', () => {
    for (const { command, kind } of moments.flatMap((entries) => leftAfter(replay(entries)))) {
      if (kind === 'stopped') expect(command).toMatch(/^aws /)
      if (kind === 'policy') expect(command).toBe('ir-cred lift x')
      expect(command ?? '').not.toMatch(/[<>]|undefined/)
    }
  })
})

describe('what is left to do after a whole run', () => {
  const left = leftAfter(replay(journal))

  it('is to renew each other consumer of the role, with its command, and not the instance that was restarted', () => {
    const cut = of('cut-off', left)
    expect(cut.join('\n')).toMatch(/web-2[\s\S]*stop-instances[\s\S]*web-3[\s\S]*start-instances[\s\S]*lambda update-function/)
    expect(cut.join('\n')).not.toContain(INSTANCE)
  })

  it('leaves out an instance that was launched after the cut-off: it has new credentials', () => {
    const { facts, ...incident } = replay(journal)
    const { blastRadius, revocation } = facts as Required<Incident['facts']>
    const consumers = blastRadius.consumers.map((one) => ({ ...one, launchTime: revocation.cutoff }))
    const renewed = leftAfter({ ...incident, facts: { ...facts, blastRadius: { ...blastRadius, consumers } } })
    expect(of('cut-off', renewed)).toEqual([])
  })

  it.each([
    ['does not name an instance that the key was not issued to', { to: 'principal' as const }, undefined],
    [
      'says of an instance that lost its profile that no restart renews anything',
      { profile: { holds: 'no role' as const } },
      /renews nothing/,
    ],
  ])('%s', (_, parts, sentence) => {
    const { facts, ...incident } = replay(journal)
    const { subject, restart: _restart, ...others } = facts as Required<Incident['facts']>
    if (!subject.issue) throw new Error('no issue')
    const { instanceId: _instance, ...issue } = subject.issue
    const named = 'to' in parts ? issue : { ...issue, instanceId: INSTANCE }
    const left = leftAfter({ ...incident, facts: { ...others, subject: { ...subject, issue: { ...named, ...parts } } } })
    const own = left.filter((one) => one.kind === 'cut-off' && rawLine(one.sentence).includes(INSTANCE))
    expect(own.map((one) => rawLine(one.sentence))).toEqual(sentence ? [expect.stringMatching(sentence)] : [])
    expect(own.flatMap(({ command }) => command ?? [])).toEqual([])
  })

  it('is that the key works again, and nobody is cut off, where the deny is gone', () => {
    const gone: Entry = {
      type: 'rechecked',
      at: '2026-12-01T00:00:00Z' as Instant,
      stage: 'revoke-sessions',
      stands: false,
      says: 'GONE',
    }
    const after = leftAfter(replay([...journal, gone]))
    expect(of('not-denied', after)[0]).toMatch(/NOT DENIED any more: .*gone\. ir-cred respond --incident/)
    expect([...of('cut-off', after), ...of('policy', after)]).toEqual([])
  })

  it('is that the key works again, where a later run finds the deny gone and nobody approves a new one', async () => {
    const built = await buildQuick()
    const entries: Entry[] = []
    await runInMemory({ built, journal: entries, proofWait: 0 })
    built.account.roles.get('web-app')?.inline.delete('AWSRevokeOlderSessions')
    const { result } = await runInMemory({ built, journal: entries, responder: nobody, proofWait: 0 })
    const after = leftAfter(result.incident)
    expect(of('not-denied', after)[0]).toMatch(/NOT DENIED any more/)
    expect(of('policy', after)).toEqual([])
  })

  it('gives no command that restarts an instance from which the calls came: the attacker on it would get the new credentials', () => {
    const denied = journal.findIndex((entry) => entry.type === 'established' && entry.fact.revocation !== undefined)
    const { facts, ...incident } = replay(journal.slice(0, denied + 1))
    const { subject } = facts
    if (!subject) throw new Error('no subject')
    const calling = { ...facts, subject: { ...subject, caller: { ...subject.caller, origin: 'instance' as const } } }
    const itself = (known: Incident) => of('cut-off', leftAfter(known)).find((one) => one.startsWith(`${INSTANCE} itself`))
    expect(itself({ ...incident, facts })).toMatch(/ir-cred respond --incident x$/)
    expect(itself({ ...incident, facts: calling as Incident['facts'] })).toMatch(
      /isolate it before anything gives it new credentials\. $/,
    )
  })

  it('tells when the changes may be lifted, 12 hours after the cut-off, and the command that lifts them', () => {
    const [policy = ''] = of('policy', left)
    const { cutoff = '' } = replay(journal).facts.revocation ?? {}
    const safe = new Date(Date.parse(cutoff) + 12 * 3_600_000).toISOString().slice(0, 16)
    expect(policy).toContain(`from ${safe}`)
    expect(policy).toMatch(/Then: ir-cred lift x$/)
  })

  it('gives the command of AWS for the deny where ir-cred cannot lift it any more, as after a drill', () => {
    const [policy = ''] = of('policy', stillToDo(replay(journal), { alarms: [], unproven: [] }))
    expect(policy).toContain('aws iam delete-role-policy --role-name web-app --policy-name AWSRevokeOlderSessions')
  })

  it('puts an earlier policy of the name back from the kept evidence instead of deleting it, after a drill', () => {
    const incident = replay(journal)
    const priorDocument = { file: 'evidence/4-prior.json', sha256: '0', bytes: 1 }
    const { revocation } = incident.facts as Required<Incident['facts']>
    const [policy = ''] = of(
      'policy',
      stillToDo(
        { ...incident, facts: { ...incident.facts, revocation: { ...revocation, priorDocument } } },
        { alarms: [], unproven: [] },
      ),
    )
    expect(policy).toContain('aws iam put-role-policy')
    expect(policy).toContain('--policy-document file://evidence/4-prior.json')
    expect(policy).not.toContain('delete-role-policy')
  })

  it('reaches the account as the run did: with its profile and its endpoint', () => {
    const { setting, ...incident } = replay(journal)
    if (!setting) throw new Error('no setting')
    const elsewhere = leftAfter({ ...incident, setting: { ...setting, profile: 'ir', endpoint: 'http://127.0.0.1:4599' } })
    for (const { command = '' } of elsewhere.filter((one) => one.command?.startsWith('aws ')))
      for (const one of command.split(' && ')) expect(one).toMatch(/ --profile ir --endpoint-url http:\/\/127\.0\.0\.1:4599/)
  })
})

describe('a remedy of several commands', () => {
  const { setting, facts, ...incident } = replay(journal)
  if (!setting) throw new Error('no setting')
  const commandOf = (remedyCommand: string): string | undefined => {
    const examined = examinedLike('there', { remedy: { command: remedyCommand } })
    const at = { setting: { ...setting, profile: 'ir', endpoint: 'http://127.0.0.1:4599' } }
    const persistence = persistenceLike({ artefacts: [examined] })
    return leftAfter({ ...incident, ...at, facts: { ...facts, persistence } }).find(({ kind }) => kind === 'way-back')?.command
  }
  const OPTIONS = ' --profile ir --endpoint-url http://127.0.0.1:4599'

  it('has the account at each of its AWS commands, and leaves the editor between them as it is', () => {
    const read = 'aws iam get-role --role-name web-app'
    const write = 'aws iam update-assume-role-policy --role-name web-app --policy-document'
    expect(commandOf(editedDocument(read, 'trust-policy.json', write))).toBe(
      `${read}${OPTIONS} > trust-policy.json && "\${EDITOR:-vi}" trust-policy.json && ${write} file://trust-policy.json${OPTIONS}`,
    )
  })

  it('runs in a shell with the programs that it names', () => {
    const folder = mkdtempSync(join(tmpdir(), 'remedy-'))
    writeFileSync(join(folder, 'aws'), '#!/bin/sh\necho "$@" >> log\necho "document of $3"\n', { mode: 0o755 })
    writeFileSync(join(folder, 'editor'), '#!/bin/sh\necho edited >> "$1"\n', { mode: 0o755 })
    const env = { PATH: `${folder}:${process.env.PATH}`, EDITOR: 'editor' }
    try {
      const line = commandOf(editedDocument('aws s3 get', 'policy.json', 'aws s3 put')) ?? 'exit 1'
      execFileSync('sh', ['-c', line], { cwd: folder, env })
      expect(readFileSync(join(folder, 'policy.json'), 'utf8')).toBe('document of --profile\nedited\n')
      expect(readFileSync(join(folder, 'log'), 'utf8')).toBe(`s3 get${OPTIONS}\ns3 put file://policy.json${OPTIONS}\n`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('what a run that did not finish leaves to do', () => {
  it('is nothing before anything is found', () => {
    expect(leftAfter(replay([]))).toEqual([])
  })

  it('is to start the instance, when the start is refused: seen stopped, with the time of the stop', async () => {
    const fault = breaks('denied', { operation: 'ec2:StartInstances', times: 1000 })
    const { result } = await runInMemory({ built: await buildQuick(), proofWait: 0, fault })
    const [stopped = ''] = of('stopped', leftAfter(result.incident))
    expect(result.exitCode).toBe(4)
    expect(stopped).toMatch(/^i-\w+ is STOPPED: ir-cred stopped it at \S+Z; ir-cred did not see it start\. Start it/)
  })

  it('is to go on, when nobody approved: the key still works, and nobody is cut off', async () => {
    const { result } = await runInMemory({ built: await buildQuick(), proofWait: 0, responder: nobody })
    expect(kindsAfter(result.incident)).toEqual(['not-denied'])
    expect(of('not-denied', leftAfter(result.incident))[0]).toContain('ir-cred respond --incident')
  })
})
