import type { ServiceName } from '../call.ts'
import { type OperationShape, readOperation } from './schema.ts'

export type ProtocolName = 'restXml' | 'restJson1' | 'awsJson1_1' | 'awsQuery' | 'ec2Query'

/** How a service is spoken to; the same as the SDK's clients hold in their protocol settings. */
export interface WireService {
  readonly name: ServiceName
  readonly protocol: ProtocolName
  /** Only where answers are XML. */
  readonly xmlNamespace?: string
  /** Loads the schemas of the served operations; large ones (EC2) are only read when somebody asks. */
  readonly load: () => Promise<Readonly<Record<string, unknown>>>
}

/** A service whose operations are loaded, by name. */
export interface LoadedService extends WireService {
  readonly operations: ReadonlyMap<string, OperationShape>
}

export const WIRE_SERVICES: Readonly<Record<ServiceName, WireService>> = {
  guardduty: { name: 'guardduty', protocol: 'restJson1', load: () => import('./operations/guardduty.ts') },
  detective: { name: 'detective', protocol: 'restJson1', load: () => import('./operations/detective.ts') },
  ssm: { name: 'ssm', protocol: 'awsJson1_1', load: () => import('./operations/ssm.ts') },
  cloudtrail: { name: 'cloudtrail', protocol: 'awsJson1_1', load: () => import('./operations/cloudtrail.ts') },
  organizations: { name: 'organizations', protocol: 'awsJson1_1', load: () => import('./operations/organizations.ts') },
  lambda: { name: 'lambda', protocol: 'restJson1', load: () => import('./operations/lambda.ts') },
  ecs: { name: 'ecs', protocol: 'awsJson1_1', load: () => import('./operations/ecs.ts') },
  kms: { name: 'kms', protocol: 'awsJson1_1', load: () => import('./operations/kms.ts') },
  logs: { name: 'logs', protocol: 'awsJson1_1', load: () => import('./operations/logs.ts') },
  s3: {
    name: 's3',
    protocol: 'restXml',
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    load: () => import('./operations/s3.ts'),
  },
  eks: { name: 'eks', protocol: 'restJson1', load: () => import('./operations/eks.ts') },
  'cognito-identity': {
    name: 'cognito-identity',
    protocol: 'awsJson1_1',
    load: () => import('./operations/cognito-identity.ts'),
  },
  rolesanywhere: {
    name: 'rolesanywhere',
    protocol: 'restJson1',
    load: () => import('../../incident/values/roles-anywhere-model.ts'),
  },
  iam: {
    name: 'iam',
    protocol: 'awsQuery',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    load: () => import('./operations/iam.ts'),
  },
  sts: {
    name: 'sts',
    protocol: 'awsQuery',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    load: () => import('./operations/sts.ts'),
  },
  autoscaling: {
    name: 'autoscaling',
    protocol: 'awsQuery',
    xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    load: () => import('./operations/autoscaling.ts'),
  },
  elasticloadbalancing: {
    name: 'elasticloadbalancing',
    protocol: 'awsQuery',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    load: () => import('./operations/elasticloadbalancing.ts'),
  },
  ec2: {
    name: 'ec2',
    protocol: 'ec2Query',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15',
    load: () => import('./operations/ec2.ts'),
  },
}

/** Whether the simulated account answers for this SigV4 signing name. */
export const isServiceName = (name: string): name is ServiceName => Object.hasOwn(WIRE_SERVICES, name)

const read = async (service: WireService): Promise<LoadedService> => {
  const operations = Object.values(await service.load()).map(readOperation)
  return { ...service, operations: new Map(operations.map((operation) => [operation.name, operation])) }
}

export type ServiceLoader = (name: ServiceName) => Promise<LoadedService>

/** Gives services with the schemas of their served operations; each is read once, on its first request. */
export const serviceLoader = (): ServiceLoader => {
  const loaded = new Map<ServiceName, Promise<LoadedService>>()
  return (name) => {
    const service = loaded.get(name) ?? read(WIRE_SERVICES[name])
    loaded.set(name, service)
    return service
  }
}
