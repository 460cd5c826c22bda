export {
  DescribeServices$,
  DescribeTaskDefinition$,
  DescribeTasks$,
  ListClusters$,
  ListServices$,
  ListTaskDefinitions$,
  ListTasks$,
  StopTask$,
  UpdateService$,
} from '@aws-sdk/client-ecs'
