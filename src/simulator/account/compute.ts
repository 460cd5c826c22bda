/* What runs in an account besides instances. Times are ms since the epoch; what a call changes is changed in place. */

/** A published version of a function: its code and configuration as they were. */
export interface FunctionVersion {
  readonly version: string
  readonly roleName: string
  readonly codeSha256: string
  readonly publishedAt: number
  /** Absent: those of the function. */
  readonly settings?: FunctionSettings
}

/** What a published version keeps as it was. */
export type FunctionSettings = Pick<
  LambdaFunction,
  'description' | 'runtime' | 'handler' | 'memorySize' | 'timeout' | 'environment' | 'layers'
>

/** A URL by which a function, or an alias of it, is called. */
export interface FunctionUrl {
  readonly authType: 'NONE' | 'AWS_IAM'
  readonly createdAt: number
  readonly changedAt?: number
}

/** Environments that are kept ready behind a version or an alias. */
export interface ProvisionedConcurrency {
  readonly requested: number
  /** When they were last allocated anew. */
  readonly since: number
}

export interface LambdaFunction {
  readonly name: string
  roleName: string
  runtime: string
  handler: string
  readonly codeSha256: string
  readonly codeSize: number
  description: string
  memorySize: number
  timeout: number
  environment: Readonly<Record<string, string>>
  layers: readonly string[]
  /** When code or configuration were last changed: environments that are older are not used any more. */
  changedAt: number
  revisionId: string
  readonly versions: FunctionVersion[]
  /** Name → version. */
  readonly aliases: Map<string, string>
  /** The alias by which it is invoked. Absent: `$LATEST` is. */
  invokedAs?: string
  /** By version or alias. */
  readonly provisioned?: Map<string, ProvisionedConcurrency>
  /** A version is a snapshot, which takes a while to be made. */
  readonly snapStart?: true
  reservedConcurrency?: number
  url?: FunctionUrl
  /** Those of aliases, by the alias. */
  readonly aliasUrls?: Map<string, FunctionUrl>
  /** The resource policy's statements by their ids. */
  readonly permissions: Map<string, object>
  /** Those of aliases and versions, by these. */
  readonly qualifiedPermissions?: Map<string, Map<string, object>>
  /** The key of the running environment's session, and when it was issued. */
  environmentKey?: { readonly accessKeyId: string; readonly issuedAt: number; readonly version?: string }
}

export interface TaskDefinition {
  readonly family: string
  readonly revision: number
  readonly taskRoleName?: string
  readonly executionRoleName?: string
  readonly image: string
  readonly registeredAt: number
}

export interface EcsService {
  readonly name: string
  readonly cluster: string
  taskDefinition: TaskDefinition
  desiredCount: number
  readonly controller: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL'
  readonly createdAt: number
  deployment: { readonly id: string; readonly createdAt: number }
}

export interface EcsTask {
  /** 32 hexadecimal digits: the session is named after it. */
  readonly id: string
  readonly cluster: string
  /** Absent: a task of its own, which nobody replaces. */
  readonly service?: string
  readonly deploymentId?: string
  readonly taskDefinition: TaskDefinition
  readonly startedAt: number
  stoppedAt?: number
  stoppedReason?: string
  credentialKey?: { readonly accessKeyId: string; readonly issuedAt: number }
}

export interface EksCluster {
  readonly name: string
  readonly version: string
  readonly createdAt: number
  /** The cluster's OpenID Connect provider, without its scheme. */
  readonly issuer: string
  readonly roleName: string
}

export interface PodIdentityAssociation {
  /** `a-` and 17 letters and digits. */
  readonly id: string
  readonly clusterName: string
  readonly namespace: string
  readonly serviceAccount: string
  roleName: string
  targetRoleArn?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly createdAt: number
  modifiedAt: number
}

/** The replacement of the members of an Auto Scaling group by new ones. */
export interface InstanceRefresh {
  readonly id: string
  readonly startedAt: number
  endedAt?: number
  percentage: number
}

/** An Auto Scaling group. Its members name it. */
export interface ScalingGroup {
  readonly name: string
  minSize: number
  desired: number
  /** Processes that somebody suspended. */
  readonly suspended?: Set<string>
  readonly refreshes?: InstanceRefresh[]
}

/** Compute of one Region, by name or id. */
export interface Compute {
  readonly functions: Map<string, LambdaFunction>
  /** Names of clusters of ECS. */
  readonly ecsClusters: Set<string>
  /** By `cluster/name`. */
  readonly ecsServices: Map<string, EcsService>
  readonly ecsTasks: Map<string, EcsTask>
  /** By `family:revision`. */
  readonly taskDefinitions: Map<string, TaskDefinition>
  readonly eksClusters: Map<string, EksCluster>
  readonly podIdentityAssociations: Map<string, PodIdentityAssociation>
}

/** A Region in which nothing runs. */
export const noCompute = (): Compute => ({
  functions: new Map(),
  ecsClusters: new Set(),
  ecsServices: new Map(),
  ecsTasks: new Map(),
  taskDefinitions: new Map(),
  eksClusters: new Map(),
  podIdentityAssociations: new Map(),
})
