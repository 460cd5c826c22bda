import { type FunctionConfiguration, ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda'
import { wholeList } from '../../../aws/pager.ts'
import { type Instant, instantOf, isBefore } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'
import type { Unread } from '../optional-read.ts'
import type { WorkloadIncident } from './workload.ts'

/** A function with a name of the form that Lambda gives. */
export type NamedFunction = FunctionConfiguration & { readonly FunctionName: string; readonly FunctionArn: string }

/** Where a function is looked at, and whether `$LATEST` is renewed already. */
export interface AliasLook {
  readonly region: string
  readonly incident: WorkloadIncident
  readonly context: Context
  readonly unread: Unread
  readonly isRenewed: boolean
}

/** The published versions that run under the role, from before and from after the cut-off. */
export interface VersionsSeen {
  readonly old: readonly FunctionConfiguration[]
  readonly fresh: readonly FunctionConfiguration[]
}

/** Lambda writes times with an offset: `2026-09-01T07:42:27.000+0000`. */
export const changeOf = ({ LastModified = '' }: FunctionConfiguration): Instant | undefined => {
  const date = new Date(LastModified)
  return Number.isNaN(date.getTime()) ? undefined : instantOf(date)
}

/** Whether a configuration is from after the cut-off: its environments take new credentials. */
export const isFrom = (cutoff: Instant, one: FunctionConfiguration): boolean => {
  const changedAt = changeOf(one)
  return changedAt !== undefined && !isBefore(changedAt, cutoff)
}

/** The published versions of a function. Throws what the SDK throws, and Failure where the list is not whole. */
export const publishedVersions = async (
  { FunctionName }: NamedFunction,
  region: string,
  context: Context,
): Promise<readonly FunctionConfiguration[]> => {
  const all = await wholeList(`versions of ${FunctionName}`, async (Marker) => {
    const asked = new ListVersionsByFunctionCommand({ FunctionName, Marker })
    const { Versions, NextMarker } = await context.aws(region).lambda.send(asked)
    return { items: Versions, next: NextMarker }
  })
  return all.filter(({ Version }) => Version !== '$LATEST')
}

/** Of a configuration what decides how the function runs, under the names that Lambda gives it. */
const SETTINGS: Readonly<Record<string, (one: FunctionConfiguration) => unknown>> = {
  code: ({ CodeSha256 }) => CodeSha256,
  Role: ({ Role }) => Role,
  Runtime: ({ Runtime }) => Runtime,
  Handler: ({ Handler }) => Handler,
  // One that Lambda cannot decrypt is not known to be the same.
  Environment: ({ Environment, Version }) => (Environment?.Error ? Version : (Environment?.Variables ?? {})),
  Timeout: ({ Timeout }) => Timeout,
  MemorySize: ({ MemorySize }) => MemorySize,
  Layers: ({ Layers = [] }) => Layers.map(({ Arn }) => Arn),
  VpcConfig: ({ VpcConfig: { SubnetIds = [], SecurityGroupIds = [] } = {} }) => [
    [...SubnetIds].sort(),
    [...SecurityGroupIds].sort(),
  ],
  Architectures: ({ Architectures }) => Architectures,
  FileSystemConfigs: ({ FileSystemConfigs = [] }) => FileSystemConfigs,
  EphemeralStorage: ({ EphemeralStorage }) => EphemeralStorage?.Size,
  DeadLetterConfig: ({ DeadLetterConfig }) => DeadLetterConfig?.TargetArn,
  KMSKeyArn: ({ KMSKeyArn }) => KMSKeyArn,
  TracingConfig: ({ TracingConfig }) => TracingConfig?.Mode,
  SnapStart: ({ SnapStart }) => SnapStart?.ApplyOn,
  LoggingConfig: ({ LoggingConfig }) => LoggingConfig,
  ImageConfig: ({ ImageConfigResponse }) => ImageConfigResponse?.ImageConfig,
}

/** The names of what runs otherwise in one version than in the other; no values, which may be secrets. */
export const differingSettings = (a: FunctionConfiguration, b: FunctionConfiguration): readonly string[] =>
  Object.entries(SETTINGS)
    .filter(([, of]) => JSON.stringify(inOrder(of(a))) !== JSON.stringify(inOrder(of(b))))
    .map(([name]) => name)

const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => [name, inOrder(one)])
}
