import type { Account, AccountRole, Behaviour, Instance, User } from '../../src/simulator/account/account.ts'
import type { IssuedCredential } from '../../src/simulator/account/credentials.ts'
import { emptyAccount } from '../../src/simulator/account/empty-account.ts'
import { authorizeCall } from '../../src/simulator/authorization/authorize.ts'
import { type Call, ServiceError, type ServiceName } from '../../src/simulator/call.ts'
import { steppingClock } from '../../src/simulator/clock.ts'
import { bringToLife } from '../../src/simulator/instances/lifecycle.ts'
import { handedOut, issueSession } from '../../src/simulator/issue-credentials.ts'
import type { Service } from '../../src/simulator/service.ts'
import { autoScaling } from '../../src/simulator/services/auto-scaling.ts'
import { ec2 } from '../../src/simulator/services/ec2.ts'
import { elasticLoadBalancing } from '../../src/simulator/services/elastic-load-balancing.ts'
import { iam } from '../../src/simulator/services/iam.ts'
import { organizations } from '../../src/simulator/services/organizations.ts'
import { ssm } from '../../src/simulator/services/ssm.ts'
import { sts } from '../../src/simulator/services/sts.ts'

export const START = Date.parse('2026-11-25T02:00:00Z')
export const INSTANCE_ID = 'i-08faaaafb15777f5a'
export const ROLE = 'web-app'
export const REGION = 'eu-central-1'
const DAY = 86_400_000

const services: Readonly<Partial<Record<ServiceName, Service>>> = {
  iam,
  sts,
  ec2,
  ssm,
  autoscaling: autoScaling,
  elasticloadbalancing: elasticLoadBalancing,
  organizations,
}

export const allowing = (...actions: string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] })

/** The document of the IAM console's revocation, with its cut-off. */
export const revocation = (cutoff: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition: { DateLessThan: { 'aws:TokenIssueTime': cutoff } } },
    ],
  })

const trusting = (principal: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  })

export const roleLike = (parts: Partial<AccountRole> & { readonly name: string }): AccountRole => ({
  id: `AROA${parts.name.toUpperCase().replace(/\W/g, '').padEnd(16, 'X').slice(0, 16)}`,
  path: '/',
  trustPolicy: trusting({ AWS: 'arn:aws:iam::111122223333:root' }),
  createdAt: START - 400 * DAY,
  maxSessionDuration: 43_200,
  tags: {},
  attachedPolicies: [],
  inline: new Map(),
  deleted: new Map(),
  ...parts,
})

export const userLike = (parts: Partial<User> & { readonly name: string }): User => ({
  id: `AIDA${parts.name.toUpperCase().padEnd(16, 'X').slice(0, 16)}`,
  path: '/',
  createdAt: START - 400 * DAY,
  tags: {},
  attachedPolicies: [],
  inline: new Map(),
  deleted: new Map(),
  accessKeys: new Map(),
  ...parts,
})

export const instanceLike = (parts: Partial<Instance> = {}): Instance => ({
  id: INSTANCE_ID,
  type: 't3.micro',
  imageId: 'ami-0abcdef1234567890',
  platform: 'linux',
  rootDeviceType: 'ebs',
  availabilityZone: `${REGION}a`,
  vpcId: 'vpc-0aaaaaaaaaaaaaaaa',
  subnetId: 'subnet-0aaaaaaaaaaaaaaaa',
  privateIp: '10.0.1.20',
  publicIp: '203.0.113.20',
  profileName: 'web-app-profile',
  tags: { Name: 'web-1' },
  volumeIds: [],
  agent: { installed: true, platform: 'Linux' },
  state: 'running',
  launchTime: START - 30 * DAY,
  stopProtection: false,
  httpTokens: 'optional',
  hopLimit: 1,
  metadataEnabled: true,
  delivered: { v1: [], v2: [] },
  ...parts,
})

/** An account with a role on one instance, and a responder; every call takes no time unless somebody waits. */
export interface TestAccount {
  readonly account: Account
  readonly role: AccountRole
  readonly instance: Instance
  readonly responder: IssuedCredential
  /** Lets virtual seconds pass, and everything happen that is due in them. */
  wait(seconds: number): void
  /** Makes a call as the wire would: what is due happens, then authorization, then the operation. Default caller: the responder. */
  send<O = Record<string, never>>(
    service: ServiceName,
    operation: string,
    input?: object,
    by?: IssuedCredential,
    region?: string,
  ): O
  /** The credentials that IMDS hands out now. */
  onInstance(delivery?: '1.0' | '2.0'): IssuedCredential
}

const callOf = (service: ServiceName, operation: string, input: object, by: IssuedCredential, region: string): Call => ({
  service,
  operation,
  input: { ...input },
  accessKeyId: by.accessKeyId,
  ...(by.sessionToken === undefined ? {} : { sessionToken: by.sessionToken }),
  region,
  sourceIp: '198.51.100.7',
  userAgent: 'test',
  requestId: 'request',
})

const populate = (account: Account, parts: Partial<Instance>): Pick<TestAccount, 'role' | 'instance' | 'responder'> => {
  const role = roleLike({
    name: ROLE,
    path: '/service/',
    trustPolicy: trusting({ Service: 'ec2.amazonaws.com' }),
    inline: new Map([['web', { document: allowing('s3:*', 'ec2:Describe*', 'ssm:*', 'sts:AssumeRole'), writtenAt: 0 }]]),
  })
  const responders = roleLike({ name: 'ir', inline: new Map([['all', { document: allowing('*'), writtenAt: 0 }]]) })
  for (const each of [role, responders]) account.roles.set(each.name, each)
  account.instanceProfiles.set('web-app-profile', {
    name: 'web-app-profile',
    id: 'AIPA0000000000000WEB',
    path: '/service/',
    roleName: ROLE,
    createdAt: START - 400 * DAY,
  })
  const instance = instanceLike(parts)
  account.instances.set(instance.id, instance)
  for (const [index, id] of instance.volumeIds.entries()) {
    account.volumes.set(id, {
      id,
      instanceId: instance.id,
      device: index === 0 ? '/dev/xvda' : `/dev/sd${'fghi'.charAt(index)}`,
      sizeGiB: 8,
      encrypted: false,
      deleteOnTermination: index === 0,
    })
  }
  bringToLife(account, instance)
  return { role, instance, responder: issueSession(account, responders, 'ir-cred', 43_200) }
}

const carryOut = (account: Account, call: Call, by: IssuedCredential): object => {
  const operation = services[call.service]?.[call.operation]
  if (!operation) throw new Error(`${call.service}:${call.operation} is not served`)
  account.agenda.runUntil(account.clock.now())
  authorizeCall(account, operation, call, by)
  return operation.run(account, call.input as never, { call, credential: by })
}

/** The small account that the tests of the simulated services begin with. */
export const testAccount = (parts: Partial<Instance> = {}, behaviour: Partial<Behaviour> = {}): TestAccount => {
  const account = emptyAccount({
    id: '111122223333',
    region: REGION,
    alias: 'acme',
    clock: steppingClock(START),
    behaviour: { callTakes: 0, pageSize: 3, ...behaviour },
  })
  const people = populate(account, parts)
  return {
    account,
    ...people,
    wait: (seconds) => {
      account.clock.advance(seconds)
      account.agenda.runUntil(account.clock.now())
    },
    send: (service, operation, input = {}, by = people.responder, region = REGION) =>
      carryOut(account, callOf(service, operation, input, by, region), by) as never,
    onInstance: (delivery = '2.0') => {
      const credential = handedOut(account, people.instance, delivery, account.clock.now())
      if (!credential) throw new Error('the instance has no credentials')
      return credential
    },
  }
}

/** The error code a call is refused with, or `ok`. Anything but a ServiceError is a failure of the test. */
export const outcomeOf = (call: () => unknown): string => {
  try {
    call()
    return 'ok'
  } catch (error) {
    if (error instanceof ServiceError) return `${error.code} ${error.status}`
    throw error
  }
}

/** The message a call is refused with. */
export const messageOf = (call: () => unknown): string => {
  try {
    call()
  } catch (error) {
    if (error instanceof ServiceError) return error.message
    throw error
  }
  throw new Error('the call was not refused')
}
