import { type ApiCall, readCall as read, writeCall as write } from './api-call.ts'

const lambdaFunction = 'arn:PARTITION:lambda:REGION:ACCOUNT:function:*'
const ecsService = 'arn:PARTITION:ecs:REGION:ACCOUNT:service/*'
const EVIDENCE = 'preserve-evidence'
const RENEWAL = 'renew-workload'
const BOTH = 'preserve-evidence renew-workload'

/** The calls about what else than an instance runs with a role: functions and tasks. They are made for such a subject only. */
export const workloadCalls: readonly ApiCall[] = [
  read('lambda', 'ListFunctions', BOTH, 'which functions run under the role'),
  read(
    'lambda',
    'GetFunction',
    `${BOTH} lift-revocation`,
    'code hash, configuration and layers, and whether a change is over; the code is not downloaded',
    lambdaFunction,
  ),
  read('lambda', 'GetPolicy', `${EVIDENCE} close-access lift-revocation`, 'who may invoke the function', lambdaFunction),
  read(
    'lambda',
    'GetFunctionUrlConfig',
    `${EVIDENCE} close-access lift-revocation`,
    'whether the function has a URL, and whether anybody can call it',
    lambdaFunction,
  ),
  read('lambda', 'ListAliases', `close-access ${RENEWAL}`, 'aliases, which point to published versions', lambdaFunction),
  read('lambda', 'ListVersionsByFunction', `close-access ${RENEWAL}`, 'since when the versions are published', lambdaFunction),
  write(
    'lambda',
    'UpdateFunctionConfiguration',
    RENEWAL,
    'a mark behind the description: new environments take new credentials',
    lambdaFunction,
  ),
  read('autoscaling', 'DescribeAutoScalingGroups', RENEWAL, 'which of the steps by hand are done in the group of a member'),
  read('autoscaling', 'DescribeInstanceRefreshes', RENEWAL, 'whether the other members are being replaced'),
  read('ecs', 'ListClusters', BOTH, 'in which clusters to look for the role'),
  read('ecs', 'ListServices', BOTH, 'which services there are'),
  read('ecs', 'DescribeServices', BOTH, 'the services’ task definitions and deployments'),
  read('ecs', 'ListTasks', BOTH, 'which tasks run'),
  read('ecs', 'DescribeTasks', BOTH, 'since when the tasks run, and with which task definition'),
  read('ecs', 'DescribeTaskDefinition', BOTH, 'which role a task definition names'),
  write('ecs', 'UpdateService', RENEWAL, 'a new deployment: new tasks take new credentials', ecsService),
]
