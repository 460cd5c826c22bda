/** How a row of the table of calls is made. */
type Row<C> = (service: string, operation: string, stages: string, why: string, resource?: string) => C

const lambdaFunction = 'arn:PARTITION:lambda:REGION:ACCOUNT:function:*'
const EVIDENCE = 'preserve-evidence'

/** The calls about what else than an instance runs with a role: functions and tasks. They are made for such a subject only. */
export const workloadCalls = <C>(read: Row<C>): readonly C[] => [
  read('lambda', 'ListFunctions', EVIDENCE, 'which functions run under the role'),
  read('lambda', 'GetFunction', EVIDENCE, 'code hash, configuration and layers; the code is not downloaded', lambdaFunction),
  read('lambda', 'GetPolicy', EVIDENCE, 'who may invoke the function', lambdaFunction),
  read(
    'lambda',
    'GetFunctionUrlConfig',
    EVIDENCE,
    'whether the function has a URL, and whether anybody can call it',
    lambdaFunction,
  ),
  read('ecs', 'ListClusters', EVIDENCE, 'in which clusters to look for the role'),
  read('ecs', 'ListServices', EVIDENCE, 'which services there are'),
  read('ecs', 'DescribeServices', EVIDENCE, 'the services’ task definitions and deployments'),
  read('ecs', 'ListTasks', EVIDENCE, 'which tasks run'),
  read('ecs', 'DescribeTasks', EVIDENCE, 'since when the tasks run, and with which task definition'),
  read('ecs', 'DescribeTaskDefinition', EVIDENCE, 'which role a task definition names'),
]
