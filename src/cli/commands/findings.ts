import { inEveryRegion } from '../../aws/every-region.ts'
import { failureOf, isAwsError } from '../../aws/failure.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import { isCredentialType, severityWords } from '../../incident/finding/finding.ts'
import { given } from '../../incident/values/given.ts'
import { instanceNamedBy } from '../../incident/values/identifiers.ts'
import { type Instant, isBefore, plus } from '../../incident/values/instant.ts'
import { asciiJson, flattenUntrusted, show, showInstant } from '../../incident/values/show.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import {
  queryFindings,
  type ReadFinding,
  type UnreadableFinding,
} from '../../investigation/enrichment/guardduty/findings-query.ts'
import { accessKeyOption } from '../access-key-option.ts'
import type { Command } from '../command.ts'
import { openLive } from '../connection/live.ts'
import { FINISHED } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { type CommonOptions, connectionRequestOf, outputRequestOf } from '../options.ts'
import { sayEndpoint } from '../say-endpoint.ts'
import { sayWaiting } from '../tty.ts'

export interface FindingsOptions extends CommonOptions {
  readonly accessKeyId?: string
  readonly type?: string
  readonly minSeverity?: number
  /** Seconds: only findings updated since then. */
  readonly age?: number
  /** Findings of every kind, not only those about credentials. */
  readonly all?: boolean
  readonly archived?: boolean
}

/** `ir-cred findings`: lists findings about credentials, newest first. No result is not an error. */
export const findingsCommand: Command<FindingsOptions> = {
  run: async (host, options) => {
    if (options.accessKeyId !== undefined) accessKeyOption(options.accessKeyId)
    const say = sayWaiting(host, outputRequestOf(options))
    const connection = await openLive(connectionRequestOf(options), host, { observer: { onCall: () => {} }, say })
    sayEndpoint(connection, host, outputRequestOf(options))
    const unreadable: UnreadableFinding[] = []
    const guardDuty = { aws: connection.aws, unreadable: (finding: UnreadableFinding) => void unreadable.push(finding) }
    const criterion = {
      ...given({
        'service.archived': options.archived ? undefined : { Equals: ['false'] },
        'resource.accessKeyDetails.accessKeyId': options.accessKeyId ? { Equals: [options.accessKeyId] } : undefined,
        severity: options.minSeverity !== undefined ? { GreaterThanOrEqual: Math.floor(options.minSeverity) } : undefined,
      }),
    }
    const { answers, notRead } = await inEveryRegion(connection.regions, 'list the findings', (region) =>
      queryFindings(guardDuty, region, criterion),
    ).catch((error) => {
      host.signal.throwIfAborted()
      throw isAwsError(error) ? failureOf(error, 'list the findings') : error
    })
    if (answers.length === 0 && notRead[0]) throw notRead[0].failure
    const found = answers.flatMap(({ answer }) => answer)
    const read = answers.map(({ region }) => region)
    if (connection.regionsNote) host.stderr.write(`ir-cred: ${connection.regionsNote}\n`)
    const oldest = options.age === undefined ? undefined : plus(connection.clock.now(), -options.age)
    const wanted = found.filter(({ finding }) => isWanted(finding, options, oldest))
    if (options.json)
      for (const { finding } of wanted)
        host.stdout.write(`${asciiJson({ type: 'finding', finding: flattenUntrusted(finding) })}\n`)
    else printFindings(host, wanted, read)
    for (const { id, region, why } of unreadable) {
      if (options.json) host.stdout.write(`${asciiJson({ type: 'unreadableFinding', id, region, why })}\n`)
      host.stderr.write(`ir-cred: finding ${id} in ${region} cannot be read: ${show(untrusted(why), 'tty')}\n`)
    }
    for (const { region, failure } of notRead) {
      if (options.json) host.stdout.write(`${asciiJson({ type: 'regionNotRead', region, why: failure.message })}\n`)
      host.stderr.write(`ir-cred: ${region} was not read: ${show(untrusted(failure.message), 'tty')}\n`)
    }
    return { outcome: FINISHED }
  },
}

const isWanted = (
  finding: Finding,
  { all, type, minSeverity, accessKeyId }: FindingsOptions,
  oldest: Instant | undefined,
): boolean => {
  const about = all || accessKeyId !== undefined || isCredentialType(finding.type) || finding.accessKeyId !== undefined
  const typed = type === undefined || finding.type.toLowerCase().includes(type.toLowerCase())
  return about && typed && (finding.severity ?? 0) >= (minSeverity ?? 0) && (!oldest || isBefore(oldest, finding.updatedAt))
}

const printFindings = (host: Host, wanted: readonly ReadFinding[], regions: readonly string[]): void => {
  if (wanted.length === 0) {
    host.stdout.write(`No such finding in ${regions.join(', ')}. Other Regions: --region; every kind: --all.\n`)
    return
  }
  for (const { finding } of wanted) {
    const sample = finding.sampleMarks.length > 0 ? '  SAMPLE' : ''
    host.stdout.write(`${finding.id}  ${severityWords(finding)}${sample}  ${show(finding.type, 'tty')}\n`)
    host.stdout.write(`  ${subjectOf(finding)}, last seen ${showInstant(finding.lastSeen ?? finding.updatedAt)}\n`)
  }
  host.stdout.write(`\nrespond to one with: ${host.commandName} respond <finding>\n`)
}

const subjectOf = ({ userName, accessKeyId, principalId }: Finding): string => {
  const instance = instanceNamedBy(principalId)
  return [userName, accessKeyId, instance].filter((part) => part !== undefined).join(' ') || '-'
}
