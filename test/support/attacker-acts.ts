import type { IssuedCredential } from '../../src/simulator/account/credentials.ts'
import { acts, type PlannedCall } from '../../src/simulator/actors/actor.ts'
import { recordEvent } from '../../src/simulator/records/record.ts'
import type { TrailEvent } from '../../src/simulator/records/record-document.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { serveCall } from '../../src/simulator/serve-call.ts'
import type { Service } from '../../src/simulator/service.ts'
import { iam } from '../../src/simulator/services/iam.ts'

/** The address of the finding, and one that nothing is known of. */
export const THEFT = '198.51.100.23'
export const ELSEWHERE = '192.0.2.99'

export const KALI = 'aws-cli/1.18.69 Python/3.8.5 Linux/5.7.0-kali1-amd64 botocore/1.16.19'

const LIST: Omit<PlannedCall, 'afterSeconds'> = { call: 's3:ListBuckets', asks: 's3:ListAllMyBuckets', userAgent: 'unknown/1.0' }

export type Credential = () => IssuedCredential | undefined

/** Somebody calls every minute for an hour, when they have credentials. */
export const callsOn = (
  { account }: BuiltScenario,
  credential: Credential,
  sourceIp: string,
  parts: Partial<PlannedCall> = {},
): void => {
  function* plan() {
    for (let minute = 0; minute < 60; minute += 1) yield { ...LIST, afterSeconds: 60, ...parts }
  }
  acts(account, { who: 'attacker', credential, sourceIp: () => sourceIp }, plan())
}

/** Credentials that the instance got after this moment. */
export const newCredentials = (built: BuiltScenario): Credential => {
  const begun = built.account.clock.now()
  return () => {
    const now = built.newCredentials()
    return now && now.issuedAt > begun ? now : undefined
  }
}

/** From now on the attacker of the scenario makes no call. Gives the stolen credentials, as the workload still has them. */
export const silence = ({ cast, account }: BuiltScenario): Credential => {
  const stolen = { ...cast.attacker }
  Object.assign(cast.attacker, { expiresAt: account.clock.now() })
  return () => stolen
}

const ACCOUNT_TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'sts:AssumeRole' }],
})

const allow = (...Action: readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })

/** Lets the stolen role do more than it should, and gives it a role to move on to. */
export const widen = ({ account }: BuiltScenario): void => {
  const web = account.roles.get('web-app')
  if (!web) throw new Error('there is no role web-app')
  web.inline.set('too-much', { document: allow('sts:*', 'iam:*'), writtenAt: 0 })
  const deploy = { name: 'deploy', id: 'AROAXCSEC6TNDEPLOYROLE', path: '/', trustPolicy: ACCOUNT_TRUST, inline: new Map() }
  account.roles.set('deploy', { ...web, ...deploy, deleted: new Map() })
}

/** One call of somebody, carried out as over the wire, and recorded in the Region whose endpoint was asked. */
export const call = (
  { account }: BuiltScenario,
  credential: IssuedCredential,
  [service, serving, operation]: readonly [name: 'iam' | 'sts', serving: Service, operation: string],
  input: object,
  { region = 'us-east-1', sourceIp = THEFT } = {},
): object => {
  const { accessKeyId, sessionToken } = credential
  const served = serving[operation]
  if (!served) throw new Error(`${operation} is not served`)
  const called = { service, operation, input: { ...input }, accessKeyId, region, sourceIp, userAgent: KALI, requestId: 'r' }
  return serveCall(account, served, { call: { ...called, ...(sessionToken ? { sessionToken } : {}) }, credential })
}

export const keyIn = (answer: object): string => /"AccessKeyId":"(\w+)"/.exec(JSON.stringify(answer))?.[1] ?? ''

/** CloudTrail's record of a call that the attacker made with the stolen key, in a service that is not simulated. */
export const records = (
  { account, cast }: BuiltScenario,
  eventSource: string,
  eventName: string,
  requestParameters: object,
  more: Partial<TrailEvent> = {},
): void => {
  const made = { eventSource, eventName, requestParameters, readOnly: false, sourceIp: THEFT, userAgent: KALI }
  recordEvent(account, { ...made, credential: cast.attacker, responseElements: {}, ...more })
}

/** With the stolen key the attacker makes an administrator with an access key. */
export const makesKey = (built: BuiltScenario): IssuedCredential => {
  widen(built)
  const { attacker } = built.cast
  call(built, attacker, ['iam', iam, 'CreateUser'], { UserName: 'eve' })
  call(built, attacker, ['iam', iam, 'PutUserPolicy'], { UserName: 'eve', PolicyName: 'all', PolicyDocument: allow('*') })
  const key = built.account.credentials.find(keyIn(call(built, attacker, ['iam', iam, 'CreateAccessKey'], { UserName: 'eve' })))
  if (!key) throw new Error('no key was made')
  return key
}
