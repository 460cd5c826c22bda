import type {
  CreatePodIdentityAssociationRequest,
  CreatePodIdentityAssociationResponse,
  DeletePodIdentityAssociationRequest,
  DeletePodIdentityAssociationResponse,
  DescribeClusterRequest,
  DescribeClusterResponse,
  DescribePodIdentityAssociationRequest,
  DescribePodIdentityAssociationResponse,
  ListClustersRequest,
  ListClustersResponse,
  ListPodIdentityAssociationsRequest,
  ListPodIdentityAssociationsResponse,
  PodIdentityAssociation as PodIdentityAssociationAnswer,
  UpdatePodIdentityAssociationRequest,
  UpdatePodIdentityAssociationResponse,
} from '@aws-sdk/client-eks'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import { roleArn, roleAtArn } from '../account/arns.ts'
import type { EksCluster, PodIdentityAssociation } from '../account/compute.ts'
import { regional } from '../account/regional.ts'
import { timeIn } from '../agenda.ts'
import { ServiceError } from '../call.ts'
import { pageOf } from '../page.ts'
import { hexFrom } from '../random.ts'
import { operation, type Service } from '../service.ts'

const eksArn = ({ partition, region, id }: Account, kind: string, name: string): string =>
  `arn:${partition}:eks:${region}:${id}:${kind}/${name}`

const notFound = (message: string): ServiceError => new ServiceError('ResourceNotFoundException', message, 404)

const clusterNamed = (account: Account, name = ''): EksCluster => {
  const cluster = account.eksClusters.get(name)
  if (!cluster) throw notFound(`No cluster found for name: ${name}.`)
  return cluster
}

const associationOf = (account: Account, clusterName: string | undefined, id = ''): PodIdentityAssociation => {
  const association = account.podIdentityAssociations.get(id)
  if (association?.clusterName === clusterNamed(account, clusterName).name) return association
  throw notFound(`No PodIdentityAssociation found for id: ${id}.`)
}

const onCluster =
  (action: string) =>
  (
    account: Account,
    { name, clusterName = name }: { readonly name?: string | undefined; readonly clusterName?: string | undefined },
  ) => [{ action: `eks:${action}`, resource: eksArn(account, 'cluster', clusterName ?? '') }]

interface EksListing {
  readonly nextToken?: string | undefined
  readonly maxResults?: number | undefined
}

const eksPage = <T>(account: Account, items: readonly T[], keyOf: (item: T) => string, input: EksListing) => {
  const { nextToken: token, maxResults = 100, ...boundTo } = input
  const page = pageOf({
    ...{ items, keyOf, token, size: Math.min(maxResults, account.behaviour.pageSize), boundTo },
    refuse: () => new ServiceError('InvalidParameterException', 'Invalid nextToken.'),
  })
  return { items: page.items, end: given({ nextToken: page.nextToken }) }
}

const listClusters = operation<ListClustersRequest, ListClustersResponse>({
  run: (account, input) => {
    const { items, end } = eksPage(account, [...account.eksClusters.keys()], (name) => name, input)
    return { clusters: [...items], ...end }
  },
  writes: false,
})

const describeCluster = operation<DescribeClusterRequest, DescribeClusterResponse>({
  authorize: onCluster('DescribeCluster'),
  run: (account, input) => {
    const { name, version, createdAt, issuer, roleName } = clusterNamed(account, input.name)
    const cluster = {
      ...{ name, version, arn: eksArn(account, 'cluster', name), createdAt: new Date(createdAt), status: 'ACTIVE' as const },
      identity: { oidc: { issuer: `https://${issuer}` } },
      roleArn: roleArn(account, roleName),
    }
    return { cluster }
  },
  writes: false,
})

const answerOf = (account: Account, association: PodIdentityAssociation): PodIdentityAssociationAnswer => {
  const { id, clusterName, namespace, serviceAccount, roleName, targetRoleArn, tags, createdAt, modifiedAt } = association
  return {
    ...{ clusterName, namespace, serviceAccount, associationId: id, roleArn: roleArn(account, roleName) },
    associationArn: eksArn(account, 'podidentityassociation', `${clusterName}/${id}`),
    ...{ createdAt: new Date(createdAt), modifiedAt: new Date(modifiedAt) },
    ...given({ targetRoleArn, tags }),
  }
}

/** The summaries name no role: only DescribePodIdentityAssociation does. */
const listPodIdentityAssociations = operation<ListPodIdentityAssociationsRequest, ListPodIdentityAssociationsResponse>({
  authorize: onCluster('ListPodIdentityAssociations'),
  run: (account, input) => {
    const { name } = clusterNamed(account, input.clusterName)
    const associations = [...account.podIdentityAssociations.values()]
      .filter(({ clusterName }) => clusterName === name)
      .filter(({ namespace }) => input.namespace === undefined || namespace === input.namespace)
      .filter(({ serviceAccount }) => input.serviceAccount === undefined || serviceAccount === input.serviceAccount)
    const { items, end } = eksPage(account, associations, ({ id }) => id, input)
    const summaries = items.map((association) => {
      const { clusterName, namespace, serviceAccount, associationArn, associationId } = answerOf(account, association)
      return given({ clusterName, namespace, serviceAccount, associationArn, associationId })
    })
    return { associations: summaries, ...end }
  },
  writes: false,
})

const describePodIdentityAssociation = operation<DescribePodIdentityAssociationRequest, DescribePodIdentityAssociationResponse>({
  authorize: onCluster('DescribePodIdentityAssociation'),
  run: (account, { clusterName, associationId }) => ({
    association: answerOf(account, associationOf(account, clusterName, associationId)),
  }),
  writes: false,
})

const updatePodIdentityAssociation = operation<UpdatePodIdentityAssociationRequest, UpdatePodIdentityAssociationResponse>({
  authorize: onCluster('UpdatePodIdentityAssociation'),
  run: (account, { clusterName, associationId, roleArn: newRole, targetRoleArn }) => {
    const association = associationOf(account, clusterName, associationId)
    const role = newRole === undefined ? undefined : roleAtArn(account, newRole)
    if (newRole !== undefined && !role)
      throw new ServiceError('InvalidParameterException', `Role provided in the request does not exist.`)
    association.roleName = role?.name ?? association.roleName
    if (targetRoleArn !== undefined) association.targetRoleArn = targetRoleArn
    if (targetRoleArn === '') delete association.targetRoleArn
    association.modifiedAt = timeIn(account)
    return { association: answerOf(account, association) }
  },
  writes: true,
})

/** "Each service account can be associated to one IAM role in the cluster" (API reference, CreatePodIdentityAssociation). */
const createPodIdentityAssociation = operation<CreatePodIdentityAssociationRequest, CreatePodIdentityAssociationResponse>({
  authorize: (account, input) => [
    ...onCluster('CreatePodIdentityAssociation')(account, input),
    { action: 'iam:PassRole', resource: input.roleArn ?? '', context: { 'iam:PassedToService': 'pods.eks.amazonaws.com' } },
  ],
  run: (account, { clusterName, namespace = '', serviceAccount = '', roleArn: arn = '', targetRoleArn, tags }) => {
    const cluster = clusterNamed(account, clusterName)
    const role = roleAtArn(account, arn)
    if (!role) throw new ServiceError('InvalidParameterException', 'Role provided in the request does not exist.')
    const others = [...account.podIdentityAssociations.values()].filter((one) => one.clusterName === cluster.name)
    if (others.some((one) => one.namespace === namespace && one.serviceAccount === serviceAccount))
      throw new ServiceError('ResourceInUseException', `Association already exists: ${namespace}/${serviceAccount}`, 409)
    const [id, now] = [`a-${hexFrom(account.random, 17)}`, timeIn(account)]
    const association: PodIdentityAssociation = {
      ...{ id, clusterName: cluster.name, namespace, serviceAccount, roleName: role.name, createdAt: now, modifiedAt: now },
      ...given({ targetRoleArn, tags }),
    }
    account.podIdentityAssociations.set(id, association)
    return { association: answerOf(account, association) }
  },
  writes: true,
})

const deletePodIdentityAssociation = operation<DeletePodIdentityAssociationRequest, DeletePodIdentityAssociationResponse>({
  authorize: onCluster('DeletePodIdentityAssociation'),
  run: (account, { clusterName, associationId }) => {
    const association = associationOf(account, clusterName, associationId)
    account.podIdentityAssociations.delete(association.id)
    return { association: answerOf(account, association) }
  },
  writes: true,
})

/** EKS, as far as a responder looks for pods of a role. What runs in a cluster is no API of AWS's. */
export const eks: Service = regional({
  ListClusters: listClusters,
  DescribeCluster: describeCluster,
  ListPodIdentityAssociations: listPodIdentityAssociations,
  DescribePodIdentityAssociation: describePodIdentityAssociation,
  CreatePodIdentityAssociation: createPodIdentityAssociation,
  UpdatePodIdentityAssociation: updatePodIdentityAssociation,
  DeletePodIdentityAssociation: deletePodIdentityAssociation,
})
