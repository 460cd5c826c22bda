import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const taskRoleScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role orders-task were used from an address on the threat list acme-bad-ips. ' +
    'The session’s name is the id of a task of service orders, in cluster shop. ' +
    'A stopped task’s disk is gone.',
  build: (options) =>
    buildSubjectTheft(options, 'ecs-task', [
      'The task role is neither the execution role nor an instance’s: the deny goes onto the role of the session, and evidence is kept first.',
      'After the cut-off a forced deployment of each service with the role starts new tasks, each with a session of its own.',
      'The new task’s issue by ecs-tasks.amazonaws.com after the cut-off proves the renewal.',
    ]),
}
