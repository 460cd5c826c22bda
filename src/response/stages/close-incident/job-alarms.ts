import { denyOlderSessions } from '../../../incident/revocation-document.ts'
import { roleOfArn } from '../../../incident/values/identifiers.ts'
import { wholeSecond } from '../../../incident/values/instant.ts'
import { serviceOf } from '../../../investigation/analysis/call-totals.ts'
import { stopCommandOf } from '../../../investigation/persistence/job-services.ts'
import { printableText, spanText } from './alarm-text.ts'
import type { JobIssue } from './job-issue.ts'
import type { CallOwner } from './theft.ts'

/** What was issued to a job, and whose call left the job. */
export interface OwnedJob {
  readonly job: JobIssue
  readonly owner: CallOwner
}

/** Jobs of the attacker that may run, or have just run: what ended, or may be the workload's, is no alarm. */
export const jobAlarms = (jobs: readonly OwnedJob[]): readonly string[] =>
  jobs
    .filter(isAlarm)
    .map(
      ({ job }) =>
        `CODE OF THE ATTACKER HOLDS CREDENTIALS: ${subjectOf(job)}: ${stopOf(job)}; the credentials outlive the job: ${denyOf(job)}`,
    )

/** What was issued to jobs that are not known to be the attacker's, and to jobs that ended since. */
export const jobsNotAttributed = (jobs: readonly OwnedJob[]): readonly string[] =>
  jobs
    .filter((one) => !isAlarm(one))
    .map(({ job }) => {
      const { ended } = job
      return ended
        ? `${subjectOf(job)}; ${ended.by} ended it at ${wholeSecond(ended.at)}, and its code may have passed them on: ${denyOf(job)}`
        : `${subjectOf(job)}: the job may be the workload’s; look at it before you stop it: ${stopOf(job)}`
    })

const isAlarm = ({ job: { tie, ended }, owner }: OwnedJob): boolean =>
  tie === 'attacker' && ended === undefined && owner === 'attacker'

/** The service, the job, the role, and until when the credentials live. */
const subjectOf = ({ artefact, issue, until, run }: JobIssue): string =>
  `${serviceOf(artefact.eventSource)}, ${printableText(artefact.left.map(spanText).join(''))}, by ${artefact.eventName} at ${wholeSecond(artefact.at)}, ` +
  `got credentials of ${roleIn(issue)}${run === undefined ? '' : ` for ${printableText(run)}`} at ${wholeSecond(issue.at)}, which live until ${wholeSecond(until)}`

const roleIn = ({ requested: { roleArn } }: JobIssue['issue']): string => printableText(roleArn ?? 'a role')

const BUILD = /^[\w-]+:[0-9a-f-]{36}$/

/** The command that stops the run or, where none can be written, what the rule says to do. */
const stopOf = ({ artefact, run }: JobIssue): string => {
  const { remedy, names, eventSource, region } = artefact
  const ofRun = run !== undefined && BUILD.test(run) && serviceOf(eventSource) === 'codebuild' ? { build: [run] } : {}
  const stop = stopCommandOf(eventSource, region, { ...names, ...ofRun })
  return stop ?? ('command' in remedy ? remedy.command : remedy.sentence)
}

const denyOf = ({ issue }: JobIssue): string => {
  const role = roleOfArn(issue.requested.roleArn ?? '')?.roleName
  return role === undefined || role.startsWith('-')
    ? 'revoke the older sessions of its role'
    : `deny the role’s older sessions, once you know which workloads use it: ${denyOlderSessions('role', role)}`
}
