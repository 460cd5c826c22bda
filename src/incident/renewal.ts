import { type AwsCommand, restartCommand } from './aws-command.ts'
import type { Consumer } from './facts/facts.ts'
import { shellWord } from './values/shell-word.ts'

/** What the commands for a role's consumers name. */
export interface RenewalPlace {
  readonly aws: AwsCommand
  readonly roleArn: string
  /** The incident's Region: of services, and of instances that a journal of an earlier version names without theirs. */
  readonly region: string
}

/**
 * The command that gives a consumer of the role new credentials; undefined where only its owner can. A service is named by the role's
 * trust policy alone, so its command looks up what runs under the role.
 */
export const renewalCommand = ({ kind, name, region, autoScaled }: Consumer, place: RenewalPlace): string | undefined => {
  const { aws } = place
  const where = region ?? place.region
  if (kind === 'session') return undefined
  if (kind === 'service') return SERVICES.get(name)?.(place)
  return autoScaled
    ? aws(
        `autoscaling terminate-instance-in-auto-scaling-group --instance-id ${name} --no-should-decrement-desired-capacity`,
        where,
      )
    : restartCommand(aws, name, where)
}

/** Any change of a function's configuration makes new environments; the time behind its description is one that changes nothing else. */
const updateFunctions = ({ aws, roleArn, region }: RenewalPlace): string => {
  const query = shellWord(`Functions[?Role=='${roleArn}'].FunctionName`)
  const read = aws('lambda get-function-configuration --function-name "$f" --query Description --output text', region)
  // A description has room for 256 characters.
  const described = '"$(printf %.200s "$d") (new credentials $(date -u +%Y-%m-%dT%H:%M:%SZ))"'
  const update = aws(`lambda update-function-configuration --function-name "$f" --description ${described}`, region)
  return `for f in $(${aws(`lambda list-functions --query ${query} --output text`, region)}); do d=$(${read}); ${update}; done`
}

/** Services whose task definition names the role get new tasks, and with them new credentials. */
const deployServices = ({ aws, roleArn, region }: RenewalPlace): string => {
  const clusters = aws('ecs list-clusters --query "clusterArns[]" --output text', region)
  const services = aws('ecs list-services --cluster "$c" --query "serviceArns[]" --output text', region)
  const task = aws(
    'ecs describe-services --cluster "$c" --services "$s" --query "services[0].taskDefinition" --output text',
    region,
  )
  const role = aws('ecs describe-task-definition --task-definition "$t" --query taskDefinition.taskRoleArn --output text', region)
  const deploy = aws('ecs update-service --cluster "$c" --service "$s" --force-new-deployment', region)
  return (
    `for c in $(${clusters}); do for s in $(${services}); do t=$(${task}); ` +
    `if [ "$(${role})" = ${shellWord(roleArn)} ]; then ${deploy}; fi; done; done`
  )
}

/** Names the pods: an association's role stands in its description only. They are restarted with kubectl, which this machine may not have. */
const listPods = ({ aws, roleArn, region }: RenewalPlace): string => {
  const clusters = aws('eks list-clusters --query "clusters[]" --output text', region)
  const listed = aws(
    'eks list-pod-identity-associations --cluster-name "$c" --query "associations[].associationId" --output text',
    region,
  )
  const fields = '"association.[roleArn,targetRoleArn,clusterName,namespace,serviceAccount]"'
  const described = aws(
    `eks describe-pod-identity-association --cluster-name "$c" --association-id "$a" --query ${fields} --output text`,
    region,
  )
  return `for c in $(${clusters}); do for a in $(${listed}); do ${described} | grep -wF ${shellWord(roleArn)}; done; done`
}

const SERVICES: ReadonlyMap<string, (place: RenewalPlace) => string> = new Map([
  ['lambda.amazonaws.com', updateFunctions],
  ['ecs-tasks.amazonaws.com', deployServices],
  ['pods.eks.amazonaws.com', listPods],
])
