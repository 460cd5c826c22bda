import { DAY_MS } from '../../incident/values/duration.ts'
import { functionArn } from '../compute/function-environment.ts'
import type { BuiltScenario, Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

/** The function is called by an alias that points to a published version, with environments that are kept ready. */
const behindAlias = (built: BuiltScenario): BuiltScenario => {
  const { account, cast } = built
  const called = account.functions.get('make-thumbnails')
  if (!called) throw new RangeError('the account has no function')
  const { roleName, codeSha256, changedAt } = called
  called.versions.push({ version: '1', roleName, codeSha256, publishedAt: changedAt })
  called.aliases.set('live', '1')
  called.invokedAs = 'live'
  delete called.url
  const anybody = { Sid: 'partners', Effect: 'Allow', Principal: '*', Action: 'lambda:InvokeFunction' }
  const { accessKeyId, issuedAt } = cast.attacker
  const liveArn = `${functionArn(account, called.name)}:live`
  Object.assign(called, {
    environmentKey: { accessKeyId, issuedAt, version: '1' },
    provisioned: new Map([['live', { requested: 2, since: changedAt + DAY_MS }]]),
    aliasUrls: new Map([['live', { authType: 'NONE', createdAt: changedAt }]]),
    qualifiedPermissions: new Map([['live', new Map([['partners', { ...anybody, Resource: liveArn }]])]]),
  })
  return built
}

export const functionAliasScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role thumbnails were used from an address on the threat list acme-bad-ips. ' +
    'The session is named after the function make-thumbnails, whose callers name the alias live, which points to version 1. ' +
    'Two environments are kept ready behind it. The alias has a public URL, and its policy lets anybody invoke it.',
  build: (options) =>
    behindAlias(
      buildSubjectTheft(options, 'lambda-function', [
        'The URL and the policy of the alias are ways of their own: those of the function say nothing of them. ir-cred closes both on approval by name (--approve close-access).',
        'A change of $LATEST renews nothing here: a published version is never changed, and its environments keep what is denied.',
        'A version that is published after the cut-off takes new credentials. The alias has to point to it, which changes what serves calls: on approval by name only (--approve renew-workload).',
        'Provisioned concurrency is allocated anew, which takes minutes. The record of a new issue names the function, not the version.',
      ]),
    ),
}
