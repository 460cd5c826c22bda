import type { Span } from '../../incident/values/block.ts'
import { UUID } from '../../incident/values/identifiers.ts'
import { REGION } from '../../incident/values/region.ts'
import { shellWord } from '../../incident/values/shell-word.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../record.ts'

/** A placeholder of the rules: where in a record its names are, and the form they need before a command may hold them. */
export interface Placeholder {
  /** Paths; the first with a value counts. A part that ends in `[]` is a list, of which every item is taken. */
  readonly at: readonly string[]
  readonly like: RegExp
}

const NAME = /^[\w+=,.@][\w+=,.@-]{0,127}$/
const WORD = /^\w[\w.-]{0,254}$/
const PATH = /^[\w/#][\w./:@#+=-]{0,511}$/
const ARN = /^arn:aws[\w-]*:[\w-]+:[\w-]*:(?:\d{12}|aws)?:[\w/][\w+=,.@:/-]{0,500}$/
/** The project's name and the build's id. */
const BUILD = /^\w[\w-]{1,254}:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const ACCOUNT = /^(?:\d{12}|all)$/

const id = (...prefixes: readonly string[]): RegExp => new RegExp(`^(?:${prefixes.join('|')})-[0-9a-zA-Z-]{4,64}$`)
const from = (like: RegExp, ...at: readonly string[]): Placeholder => ({ like, at })

/** By the word that the rules use: `{user}`. */
export const PLACEHOLDERS: Readonly<Record<string, Placeholder>> = {
  account: from(ACCOUNT, 'recipientAccountId', 'accountId'),
  user: from(NAME, 'request.userName', 'response.accessKey.userName', 'response.loginProfile.userName', 'userName'),
  role: from(NAME, 'request.roleName', 'response.role.roleName'),
  group: from(NAME, 'request.groupName'),
  policyName: from(NAME, 'request.policyName'),
  policyArn: from(ARN, 'request.policyArn', 'response.policy.arn', 'request.managedPolicyArn'),
  policyVersion: from(/^v\d{1,9}$/, 'response.policyVersion.versionId', 'request.versionId'),
  accessKey: from(/^[A-Z0-9]{16,128}$/, 'response.accessKey.accessKeyId', 'request.accessKeyId'),
  credentialId: from(
    /^[A-Z0-9]{16,128}$/,
    'response.serviceSpecificCredential.serviceSpecificCredentialId',
    'request.serviceSpecificCredentialId',
  ),
  sshKeyId: from(/^[A-Z0-9]{16,128}$/, 'response.sSHPublicKey.sSHPublicKeyId'),
  certificateId: from(/^[A-Z0-9]{24,128}$/, 'response.certificate.certificateId'),
  mfa: from(PATH, 'request.serialNumber', 'response.virtualMFADevice.serialNumber'),
  instanceProfile: from(NAME, 'request.instanceProfileName'),
  samlProvider: from(ARN, 'response.sAMLProviderArn', 'request.sAMLProviderArn'),
  oidcProvider: from(ARN, 'response.openIDConnectProviderArn', 'request.openIDConnectProviderArn'),
  clientId: from(PATH, 'request.clientID'),
  trustAnchor: from(UUID, 'response.trustAnchor.trustAnchorId'),
  anywhereProfile: from(UUID, 'response.profile.profileId'),
  ssoInstance: from(ARN, 'request.instanceArn'),
  permissionSet: from(ARN, 'request.permissionSetArn', 'response.permissionSet.permissionSetArn'),
  target: from(/^\w[\w-]{0,63}$/, 'request.targetId'),
  principalType: from(/^(?:USER|GROUP)$/, 'request.principalType'),
  principalId: from(/^[0-9a-f][0-9a-f-]{0,63}$/, 'request.principalId'),
  identityStore: from(/^d-[0-9a-f]{10}$/, 'request.identityStoreId'),
  directoryUser: from(/^[0-9a-f][0-9a-f-]{0,63}$/, 'response.user.userId', 'response.userId'),
  orgPolicy: from(/^p-\w{1,128}$/, 'request.policyId'),
  orgAccount: from(/^\d{12}$/, 'request.accountId'),
  servicePrincipal: from(/^[\w.-]{1,128}\.amazonaws\.com$/, 'request.servicePrincipal'),
  regionName: from(REGION, 'request.RegionName', 'request.regionName'),
  instances: from(id('i'), 'response.instancesSet.items[].instanceId', 'request.instancesSet.items[].instanceId'),
  instance: from(
    id('i'),
    ...['request.instanceId', 'request.ModifyInstanceAttributeRequest.InstanceId'],
    'request.ModifyInstanceMetadataOptionsRequest.InstanceId',
  ),
  keyPair: from(NAME, 'request.keyName'),
  spot: from(id('sir'), 'response.spotInstanceRequestSet.items[].spotInstanceRequestId'),
  spotFleet: from(id('sfr'), 'response.spotFleetRequestId', 'response.RequestSpotFleetResponse.spotFleetRequestId'),
  fleet: from(id('fleet'), 'response.CreateFleetResponse.fleetId', 'response.fleetId'),
  launchTemplate: from(
    id('lt'),
    'response.CreateLaunchTemplateResponse.launchTemplate.launchTemplateId',
    'response.launchTemplate.launchTemplateId',
    'response.CreateLaunchTemplateVersionResponse.launchTemplateVersion.launchTemplateId',
    'request.ModifyLaunchTemplateRequest.LaunchTemplateId',
  ),
  launchTemplateVersion: from(/^\d{1,12}$/, 'response.CreateLaunchTemplateVersionResponse.launchTemplateVersion.versionNumber'),
  mirror: from(id('tms'), 'response.CreateTrafficMirrorSessionResponse.trafficMirrorSession.trafficMirrorSessionId'),
  connectEndpoint: from(
    id('eice'),
    'response.CreateInstanceConnectEndpointResponse.instanceConnectEndpoint.instanceConnectEndpointId',
  ),
  profileAssociation: from(
    id('iip-assoc'),
    'response.AssociateIamInstanceProfileResponse.iamInstanceProfileAssociation.associationId',
    'response.ReplaceIamInstanceProfileAssociationResponse.iamInstanceProfileAssociation.associationId',
  ),
  securityGroup: from(id('sg'), 'request.groupId', 'response.groupId'),
  securityRules: from(id('sgr'), 'response.securityGroupRuleSet.items[].securityGroupRuleId'),
  networkAcl: from(id('acl'), 'request.networkAclId'),
  snapshot: from(id('snap'), 'request.snapshotId', 'response.snapshotId'),
  snapshots: from(
    id('snap'),
    'response.CreateSnapshotsResponse.snapshotSet.item[].snapshotId',
    'response.snapshots[].snapshotId',
  ),
  snapshotAccounts: from(ACCOUNT, 'request.createVolumePermission.add.items[].userId'),
  snapshotGroups: from(ACCOUNT, 'request.createVolumePermission.add.items[].group'),
  image: from(id('ami'), 'request.imageId', 'response.imageId'),
  imageAccounts: from(ACCOUNT, 'request.launchPermission.add.items[].userId'),
  imageGroups: from(ACCOUNT, 'request.launchPermission.add.items[].group'),
  function: from(PATH, 'request.functionName', 'response.functionName'),
  qualifier: from(WORD, 'request.qualifier'),
  statement: from(WORD, 'request.statementId'),
  mapping: from(UUID, 'response.uUID', 'response.uuid'),
  layer: from(PATH, 'request.layerName'),
  layerVersion: from(/^\d{1,12}$/, 'response.version', 'request.versionNumber'),
  eventRule: from(WORD, 'request.name', 'request.rule'),
  eventBus: from(PATH, 'request.eventBusName'),
  eventTargets: from(WORD, 'request.targets[].id'),
  schedule: from(WORD, 'request.name'),
  scheduleGroup: from(WORD, 'request.groupName'),
  stateMachine: from(ARN, 'response.stateMachineArn', 'request.stateMachineArn'),
  autoScalingGroup: from(NAME, 'request.autoScalingGroupName'),
  launchConfiguration: from(NAME, 'request.launchConfigurationName'),
  cluster: from(WORD, 'request.clusterName', 'request.name'),
  ecsCluster: from(PATH, 'request.cluster', 'response.cluster.clusterName', 'response.service.clusterArn'),
  ecsService: from(WORD, 'request.serviceName'),
  ecsTasks: from(ARN, 'response.tasks[].taskArn'),
  taskDefinition: from(ARN, 'response.taskDefinition.taskDefinitionArn'),
  podAssociation: from(/^a-[0-9a-z]{4,64}$/, 'response.association.associationId'),
  accessPrincipal: from(ARN, 'request.principalArn'),
  accessPolicy: from(ARN, 'request.policyArn'),
  repository: from(PATH, 'request.repositoryName'),
  imageTag: from(WORD, 'request.imageTag'),
  lightsail: from(WORD, 'request.instanceNames[]'),
  lightsailKey: from(WORD, 'request.keyPairName'),
  notebook: from(WORD, 'request.notebookInstanceName'),
  devEndpoint: from(WORD, 'request.endpointName'),
  project: from(WORD, 'request.name', 'request.projectName'),
  build: from(BUILD, 'response.build.id'),
  buildBatch: from(BUILD, 'response.buildBatch.id'),
  webhookProject: from(WORD, 'request.projectName'),
  glueJob: from(WORD, 'request.name', 'request.jobName'),
  glueRun: from(WORD, 'response.jobRunId'),
  glueSession: from(WORD, 'request.id'),
  execution: from(ARN, 'response.executionArn', 'request.executionArn'),
  trainingJob: from(WORD, 'request.trainingJobName'),
  processingJob: from(WORD, 'request.processingJobName'),
  tuningJob: from(WORD, 'request.hyperParameterTuningJobName'),
  transformJob: from(WORD, 'request.transformJobName'),
  mlModel: from(WORD, 'request.modelName'),
  mlEndpoint: from(WORD, 'request.endpointName'),
  batchJob: from(UUID, 'response.jobId'),
  jobDefinition: from(ARN, 'response.jobDefinitionArn'),
  emrCluster: from(/^j-[0-9A-Z]{4,32}$/, 'response.jobFlowId', 'request.jobFlowId'),
  emrApplication: from(WORD, 'request.applicationId'),
  emrRun: from(WORD, 'response.jobRunId'),
  dataPipeline: from(/^df-\w{4,64}$/, 'request.pipelineId'),
  pipeline: from(NAME, 'request.pipeline.name', 'request.name'),
  pipelineRun: from(UUID, 'response.pipelineExecutionId'),
  appService: from(ARN, 'response.service.serviceArn', 'request.serviceArn'),
  agent: from(WORD, 'response.agent.agentId', 'request.agentId'),
  analytics: from(WORD, 'request.applicationName'),
  airflow: from(WORD, 'request.name'),
  changeSet: from(PATH, 'response.id', 'request.changeSetName'),
  stackSet: from(PATH, 'request.stackSetName'),
  stack: from(PATH, 'response.stackId', 'request.stackName'),
  identity: from(/^\w[\w.+-]*(?:@\w[\w.-]*)?$/, 'request.emailIdentity', 'request.emailAddress', 'request.domain'),
  command: from(UUID, 'response.command.commandId'),
  entered: from(id('i'), 'request.instanceIds[]', 'request.target'),
  ssmSession: from(WORD, 'response.sessionId'),
  association: from(UUID, 'response.associationDescription.associationId'),
  activation: from(UUID, 'response.activationId'),
  automation: from(UUID, 'response.automationExecutionId'),
  document: from(PATH, 'request.name'),
  documentAccounts: from(ACCOUNT, 'request.accountIdsToAdd[]'),
  dbCluster: from(WORD, 'request.dBClusterIdentifier'),
  dbInstance: from(WORD, 'request.dBInstanceIdentifier'),
  dbSnapshot: from(PATH, 'request.dBSnapshotIdentifier'),
  dbClusterSnapshot: from(PATH, 'request.dBClusterSnapshotIdentifier'),
  dbAccounts: from(ACCOUNT, 'request.valuesToAdd[]'),
  exportTask: from(WORD, 'request.exportTaskIdentifier', 'response.exportTaskIdentifier'),
  bucket: from(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'request.bucketName'),
  object: from(PATH, 'request.key'),
  kmsKey: from(PATH, 'request.keyId', 'response.keyId'),
  grant: from(/^[0-9a-f]{16,128}$/, 'response.grantId'),
  secret: from(PATH, 'request.secretId'),
  share: from(ARN, 'response.resourceShare.resourceShareArn'),
  trail: from(PATH, 'request.name', 'request.trailName'),
  dataStore: from(PATH, 'request.eventDataStore'),
  recorder: from(WORD, 'request.configurationRecorderName'),
  logGroup: from(PATH, 'request.logGroupName'),
  detector: from(/^[0-9a-f]{32}$/, 'request.detectorId', 'response.detectorId'),
  filter: from(WORD, 'request.name', 'request.filterName'),
  ipSet: from(/^[0-9a-f]{32}$/, 'response.ipSetId', 'request.ipSetId'),
  members: from(ACCOUNT, 'request.accountIds[]'),
  findings: from(/^[0-9a-f]{32}$/, 'request.findingIds[]'),
  alarms: from(PATH, 'request.alarmNames[]'),
}

const PLACEHOLDER = /\{(\w+)\}/
const EVERY_PLACEHOLDER = new RegExp(PLACEHOLDER, 'g')

/** The words of the placeholders in a template. */
export const placeholdersOf = (template: string): readonly string[] =>
  [...template.matchAll(EVERY_PLACEHOLDER)].map((match) => match[1] ?? '')

/** Names that a sentence lists: an attacker may start a thousand instances with one call. */
const NAMES_SHOWN = 10

/** The sentence of a template for a record. A name that the record lacks becomes `(not named)`. */
export const sentenceOf = (template: string, record: CloudTrailRecord): readonly Span[] => {
  const pieces = template.split(EVERY_PLACEHOLDER)
  const isLeftOut = (word = ''): boolean => OPTIONAL.has(word) && namesOf(word, record).length === 0
  return pieces.flatMap<Span>((piece, index) => {
    if (index % 2 === 1) return isLeftOut(piece) ? [] : spansOf(namesOf(piece, record))
    const separatesNothing = piece === ' ' && (isLeftOut(pieces[index - 1]) || isLeftOut(pieces[index + 1]))
    return piece === '' || separatesNothing ? [] : [piece]
  })
}

const spansOf = (names: readonly string[]): readonly Span[] => {
  if (names.length === 0) return ['(not named)']
  const shown = names.slice(0, NAMES_SHOWN).flatMap((name, i) => [...(i > 0 ? [', '] : []), untrusted(name)])
  return names.length > NAMES_SHOWN ? [...shown, ` and ${names.length - NAMES_SHOWN} more`] : shown
}

/** A record has accounts or groups, rarely both. */
const OPTIONAL: ReadonlySet<string> = new Set(['snapshotAccounts', 'snapshotGroups', 'imageAccounts', 'imageGroups'])

/** Whether the record has every name of the template, in whatever form. */
export const isNamedIn = (template: string, record: CloudTrailRecord): boolean =>
  placeholdersOf(template).every((word) => namesOf(word, record).length > 0)

export interface RemedyCommand {
  readonly command: string
  /** The names in it. */
  readonly names: readonly string[]
}

/**
 * The command of a template, for a POSIX shell. Undefined when a name is missing or does not have the form of such names:
 * responders paste commands, so a command holds nothing that a shell may read as something else.
 */
export const commandOf = (template: string, record: CloudTrailRecord): RemedyCommand | undefined => {
  const names: string[] = []
  let isWellFormed = true
  const command = template.replace(EVERY_PLACEHOLDER, (_, word: string) => {
    const found = namesOf(word, record)
    const like = PLACEHOLDERS[word]?.like
    if (!like || found.length === 0 || !found.every((name) => like.test(name))) isWellFormed = false
    names.push(...found)
    return found.map(shellWord).join(' ')
  })
  return isWellFormed ? { command, names } : undefined
}

/** Names kept of each word: as many as an EC2 filter takes. */
export const NAMES_KEPT = 200

/** By word, the well-formed names in the record. */
export const namesIn = (templates: readonly string[], record: CloudTrailRecord): Readonly<Record<string, readonly string[]>> => {
  const words = [...new Set(templates.flatMap(placeholdersOf))]
  return Object.fromEntries(
    words.flatMap((word) => {
      const names = namesOf(word, record).filter((name) => PLACEHOLDERS[word]?.like.test(name))
      return names.length > 0 ? [[word, names.slice(0, NAMES_KEPT)] as const] : []
    }),
  )
}

/** The names of a word in a record; none when they are missing or are not texts. */
export const namesOf = (word: string, record: CloudTrailRecord): readonly string[] => {
  for (const path of PLACEHOLDERS[word]?.at ?? []) {
    const names = textsAt(record, path.split('.'))
    if (names.length > 0) return names
  }
  return []
}

const textsAt = (value: unknown, [part, ...rest]: readonly string[]): readonly string[] => {
  if (part === undefined) return textOf(value)
  if (typeof value !== 'object' || value === null) return []
  const inner: unknown = Reflect.get(value, part.replace('[]', ''))
  if (!part.endsWith('[]')) return textsAt(inner, rest)
  return Array.isArray(inner) ? inner.flatMap((item) => textsAt(item, rest)) : textsAt(inner, rest)
}

const textOf = (value: unknown): readonly string[] => {
  if (typeof value === 'number') return [String(value)]
  return typeof value === 'string' && value !== '' ? [value] : []
}
