import { DAY_MS, HOUR_MS, HOUR_SECONDS } from '../../../incident/values/duration.ts'
import type { Account } from '../../account/account.ts'
import { roleAtArn } from '../../account/arns.ts'
import type { EcsService, LambdaFunction, TaskDefinition } from '../../account/compute.ts'
import type { IssuedCredential } from '../../account/credentials.ts'
import { timeIn } from '../../agenda.ts'
import { invokedWith } from '../../compute/function-environment.ts'
import { newestTask, startTask, taskCredentials } from '../../compute/tasks.ts'
import { issueSession, newAccessKeyId } from '../../issue-credentials.ts'
import { hexFrom } from '../../random.ts'
import { recordIssue, uuidFrom } from '../../records/record.ts'
import { NAT_ADDRESS } from '../machines.ts'
import type { StandardAccount } from '../standard-account.ts'
import { type CallingWorkload, consumerActs, issuedAt, roleFor, underKey, writeUsualCalls } from './issued.ts'
import type { SubjectBuilder, SubjectNames } from './subject.ts'
import { podIdentityTrust, serviceTrust } from './trusts.ts'

/** A function outside a network of the owner's calls from an address of AWS's. */
const FUNCTION: CallingWorkload = { sourceIp: '192.0.2.60', userAgent: 'aws-sdk-js/3.600.0 exec-env/AWS_Lambda_nodejs20.x' }

/** Tasks and pods call through the NAT gateway of their network. */
const TASK: CallingWorkload = {
  sourceIp: NAT_ADDRESS,
  userAgent: 'aws-sdk-go-v2/1.30.4 os/linux lang/go#1.22.5 exec-env/AWS_ECS_FARGATE',
}

const addFunction = (account: Account, name: string, roleName: string, now: number): LambdaFunction => {
  const made: LambdaFunction = {
    ...{ name, roleName, runtime: 'nodejs20.x', handler: 'index.handler', codeSize: 48_210, description: '' },
    codeSha256: Buffer.from(hexFrom(account.random, 64), 'hex').toString('base64'),
    ...{ memorySize: 256, timeout: 30, environment: { BUCKET: 'acme-web-uploads' }, layers: [] },
    ...{ changedAt: now - 40 * DAY_MS, revisionId: uuidFrom(account.random), versions: [] },
    ...{ aliases: new Map(), permissions: new Map() },
  }
  account.functions.set(name, made)
  return made
}

/** A session as the service issued it, under the finding's key, with its record. */
const issuedTo = (
  standard: StandardAccount,
  names: SubjectNames,
  roleName: string,
  session: string,
  service: string,
): IssuedCredential => {
  const { account } = standard
  const role = account.roles.get(roleName)
  if (!role) throw new RangeError(`the account has no role ${roleName}`)
  const stolen = underKey(
    standard,
    issueSession(account, role, session, 12 * HOUR_SECONDS, issuedAt(standard)),
    names.accessKeyId,
  )
  recordIssue(account, stolen, service)
  return stolen
}

/** The credentials of a function's environment, read out of its environment variables. */
export const lambdaSession: SubjectBuilder = (standard, names) => {
  const { account, now } = standard
  const trustPolicy = serviceTrust('lambda.amazonaws.com')
  const role = roleFor(standard, names, { name: 'thumbnails', id: 'AROAXCSEC6TN5THUMBNL7', trustPolicy })
  const called = addFunction(account, names.sessionName ?? 'make-thumbnails', role.name, now)
  called.url = { authType: 'NONE', createdAt: now - 40 * DAY_MS }
  const stolen = issuedTo(standard, names, role.name, called.name, 'lambda.amazonaws.com')
  called.environmentKey = { accessKeyId: stolen.accessKeyId, issuedAt: stolen.issuedAt }
  writeUsualCalls(standard, { ...stolen, accessKeyId: newAccessKeyId(account, 'ASIA') }, FUNCTION, 20)
  const newCredentials = () => invokedWith(account, called)
  return { stolen, roleName: role.name, newCredentials, begin: () => consumerActs(standard, newCredentials, FUNCTION) }
}

const addService = (account: Account, roleName: string, now: number): EcsService => {
  const taskDefinition: TaskDefinition = {
    ...{ family: 'orders', revision: 12, taskRoleName: roleName, executionRoleName: 'ecs-execution' },
    image: `${account.id}.dkr.ecr.${account.region}.amazonaws.com/orders:1.42.0`,
    registeredAt: now - 20 * DAY_MS,
  }
  account.taskDefinitions.set('orders:12', taskDefinition)
  account.ecsClusters.add('shop')
  const service: EcsService = {
    ...{ name: 'orders', cluster: 'shop', taskDefinition, desiredCount: 1, controller: 'ECS', createdAt: now - 200 * DAY_MS },
    deployment: { id: `ecs-svc/${hexFrom(account.random, 19)}`, createdAt: now - 20 * DAY_MS },
  }
  account.ecsServices.set('shop/orders', service)
  return service
}

/** The credentials of a service's task, read from its credential endpoint. */
export const taskSession: SubjectBuilder = (standard, names) => {
  const { account, now } = standard
  const trustPolicy = serviceTrust('ecs-tasks.amazonaws.com')
  const role = roleFor(standard, names, { name: 'orders-task', id: 'AROAXCSEC6TN5ORDERST7', trustPolicy })
  const service = addService(account, role.name, now)
  const id = names.sessionName ?? hexFrom(account.random, 32)
  const task = startTask(account, { cluster: service.cluster, taskDefinition: service.taskDefinition, service, id })
  const stolen = issuedTo(standard, names, role.name, id, 'ecs-tasks.amazonaws.com')
  task.credentialKey = { accessKeyId: stolen.accessKeyId, issuedAt: stolen.issuedAt }
  writeUsualCalls(standard, { ...stolen, accessKeyId: newAccessKeyId(account, 'ASIA') }, TASK, 20)
  const newCredentials = () => {
    const newest = newestTask(account, service)
    return newest && taskCredentials(account, newest)
  }
  return { stolen, roleName: role.name, newCredentials, begin: () => consumerActs(standard, newCredentials, TASK) }
}

/** The cluster and its association of the role with the pods' service account. */
const addAssociation = (account: Account, roleName: string, now: number): string => {
  const [clusterName, createdAt] = ['shop-cluster', now - 200 * DAY_MS]
  const issuer = `oidc.eks.${account.region}.amazonaws.com/id/6E7D8C9B0A1F2E3D4C5B6A7988776655`
  account.eksClusters.set(clusterName, { name: clusterName, version: '1.31', createdAt, issuer, roleName: 'eks-cluster' })
  const id = `a-${hexFrom(account.random, 17)}`
  account.podIdentityAssociations.set(id, {
    ...{ id, clusterName, namespace: 'shop', serviceAccount: 'orders', roleName, createdAt, modifiedAt: createdAt },
    tags: { team: 'shop' },
  })
  return id
}

const POD_SESSION = 'eks-shop-cluster-orders-7d9c5b6f4-4f2b7c1e-9a3d-4c58-b7e6-0d1f2a3b4c5d'

/**
 * The pod's credentials: the agent on the node takes new ones every hour while the association stands. A rollout is no call of AWS's, so
 * that the next hour stands for it here.
 */
const podOf = (
  { account }: StandardAccount,
  roleName: string,
  first: IssuedCredential,
  tags: readonly { key: string; value: string }[],
) => {
  let held: IssuedCredential | undefined = first
  let from = timeIn(account)
  return (): IssuedCredential | undefined => {
    const now = timeIn(account)
    const association = [...account.podIdentityAssociations.values()].find((one) => one.roleName === roleName)
    if (held && now < from + HOUR_MS) return held
    // With a target role the agent assumes that one with the association's own, and hands out its session.
    const { targetRoleArn } = association ?? {}
    const role = targetRoleArn === undefined ? account.roles.get(roleName) : roleAtArn(account, targetRoleArn)
    if (!role || !association || first.principal.type !== 'role-session') return held
    held = issueSession(account, role, first.principal.sessionName, 6 * HOUR_SECONDS, now, {
      sessionTags: first.sessionTags ?? {},
    })
    from = now
    recordIssue(account, held, 'pods.eks.amazonaws.com', undefined, tags)
    return held
  }
}

/** A pod's session by EKS Pod Identity: its tags name cluster, namespace and service account. */
export const podIdentitySession: SubjectBuilder = (standard, names) => {
  const { account } = standard
  const role = roleFor(standard, names, { name: 'orders-pod', id: 'AROAXCSEC6TN5ORDERSP7', trustPolicy: podIdentityTrust })
  const sessionTags = {
    'eks-cluster-arn': `arn:${account.partition}:eks:${account.region}:${account.id}:cluster/shop-cluster`,
    'eks-cluster-name': 'shop-cluster',
    'kubernetes-namespace': 'shop',
    'kubernetes-service-account': 'orders',
    'kubernetes-pod-name': 'orders-7d9c5b6f4-xk2lp',
  }
  const limits = { sessionTags }
  addAssociation(account, role.name, standard.now)
  const issued = issueSession(account, role, names.sessionName ?? POD_SESSION, 6 * HOUR_SECONDS, issuedAt(standard), limits)
  const stolen = underKey(standard, issued, names.accessKeyId)
  const tags = Object.entries(sessionTags).map(([key, value]) => ({ key, value }))
  recordIssue(account, stolen, 'pods.eks.amazonaws.com', undefined, tags)
  writeUsualCalls(standard, { ...stolen, accessKeyId: newAccessKeyId(account, 'ASIA') }, TASK, 20)
  const newCredentials = podOf(standard, role.name, stolen, tags)
  return { stolen, roleName: role.name, newCredentials, begin: () => consumerActs(standard, newCredentials, TASK) }
}
