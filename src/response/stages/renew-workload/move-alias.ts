import {
  type AliasConfiguration,
  type FunctionConfiguration,
  GetFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import { type Effect, SET_AT_SENDING } from '../../../incident/entry.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import { attemptChange } from '../refused-change.ts'
import { differingSettings, isFrom, type NamedFunction, publishedVersions } from './function-version.ts'
import { type DueByName, refusedRenewal, type WorkloadIncident } from './workload.ts'

const PUBLISH = 'lambda:PublishVersion'
const MOVE = 'lambda:UpdateAlias'

/** An alias that points to an old version, and the version from after the cut-off that runs as it does, where one is published. */
export interface AliasToMove {
  readonly alias: AliasConfiguration
  readonly name: string
  readonly version: FunctionConfiguration
  readonly target?: string
}

interface Moving {
  readonly region: string
  readonly incident: WorkloadIncident
  readonly context: Context
}

/** That AWS refused to move the alias in this run, as the end of a sentence: it is not offered again. */
export const refusedMove = ({ FunctionArn }: NamedFunction, name: string, incident: WorkloadIncident): string | undefined =>
  [PUBLISH, MOVE]
    .flatMap((operation) => {
      const code = refusedRenewal(incident, operation, operation === MOVE ? `${FunctionArn}:${name}` : FunctionArn)
      return code === undefined ? [] : [`; AWS refused ${operation} (${code})`]
    })
    .at(0)

/** Points aliases to a version from after the cut-off, which is published first where there is none. */
export const aliasMoves = (one: NamedFunction, moves: readonly AliasToMove[], moving: Moving): DueByName => {
  const publish = moves.some(({ target }) => target === undefined) ? publishing(one, moves) : undefined
  return {
    effects: [...(publish ? [publish] : []), ...moves.map((move) => pointing(one, move, moving, move.target))],
    make: async (context) => {
      const { lambda } = context.aws(moving.region)
      if (publish) await context.write(lambda, new PublishVersionCommand(publishInput(one)), publish)
      for (const move of moves) await attemptChange(() => point(one, move, { ...moving, context }), context)
    },
  }
}

/** Lambda refuses to publish other code than this, if somebody changed it meanwhile. */
const publishInput = ({ FunctionName, CodeSha256 }: NamedFunction) => ({ FunctionName, ...given({ CodeSha256 }) })

const publishing = (one: NamedFunction, moves: readonly AliasToMove[]): Effect => ({
  operation: PUBLISH,
  resource: one.FunctionArn,
  parameters: publishInput(one),
  sentence: `publish $LATEST of function ${one.FunctionName}, which has the code and the settings of version ${[...new Set(moves.map(({ version }) => version.Version))].join(' and ')}, as a new version`,
  cost: 'none: nobody calls a version before something points to it',
  undo: 'delete the version, once nothing points to it',
})

const pointing = (
  { FunctionName, FunctionArn }: NamedFunction,
  { name, alias, version: { Version } }: AliasToMove,
  { region, context: { setting } }: Moving,
  target: string | undefined,
): Effect => ({
  operation: MOVE,
  resource: `${FunctionArn}:${name}`,
  parameters: {
    ...{ FunctionName, Name: name, FunctionVersion: target ?? SET_AT_SENDING },
    ...given({ RevisionId: alias.RevisionId }),
  },
  sentence: `point alias ${name} of function ${FunctionName} to ${target === undefined ? 'the new version' : `version ${target}`} instead of version ${Version}, so that its next invocations run in new environments with new credentials`,
  cost: 'whoever calls the alias runs the new version at once: invocations start cold, and provisioned concurrency is allocated anew, which takes minutes',
  undo: `point it to version ${Version} again, whose environments may hold credentials that are denied`,
  undoCommand: awsCommandFor(setting)(
    `lambda update-alias --function-name ${FunctionName} --name ${name} --function-version ${Version}`,
    region,
  ),
})

/** Seconds in which a version is active: one with a SnapStart snapshot takes the longest. */
const ACTIVE_WITHIN = 300

/** Points one alias to the version, once it is active. What it pointed to before is kept. */
const point = async (one: NamedFunction, move: AliasToMove, moving: Moving): Promise<void> => {
  const { region, context } = moving
  const { name, alias } = move
  const version = await activeVersion(one, move, moving)
  if (version === undefined) return
  const { AliasArn, FunctionVersion, RoutingConfig, RevisionId } = alias
  await context.keep(`function-alias-before-${one.FunctionName}-${name}`, {
    ...{ AliasArn, FunctionVersion, RoutingConfig, RevisionId },
  })
  const input = { FunctionName: one.FunctionName, Name: name, FunctionVersion: version, ...given({ RevisionId }) }
  await context.write(context.aws(region).lambda, new UpdateAliasCommand(input), pointing(one, move, moving, version))
}

/** The version from after the cut-off that runs as the old one does, once Lambda has made it; undefined where it takes too long. */
const activeVersion = async (
  one: NamedFunction,
  { target, version }: AliasToMove,
  moving: Moving,
): Promise<string | undefined> => {
  const { FunctionName } = one
  const { region, context, incident } = moving
  const { cutoff } = incident.facts.revocation
  const patience = { what: 'the new version to become active', kind: 'change-visible', within: ACTIVE_WITHIN } as const
  return context.settle(patience, async () => {
    const published = target === undefined ? await publishedVersions(one, region, context) : []
    const found = target ?? published.findLast((each) => isFrom(cutoff, each) && isAs(each, version))?.Version
    if (found === undefined) return undefined
    const asked = new GetFunctionCommand({ FunctionName, Qualifier: found })
    const { Configuration } = await context.aws(region).lambda.send(asked)
    return Configuration?.State === 'Active' ? found : undefined
  })
}

const isAs = (one: FunctionConfiguration, other: FunctionConfiguration): boolean => differingSettings(one, other).length === 0
