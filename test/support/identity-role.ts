import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { mainOf, SUBJECT_INSTANCE } from './scenario.ts'

/** Makes the finding be about the identity role of the instance: a role that EC2 itself has for it. */
export const asIdentityRole = (built: BuiltScenario): BuiltScenario => {
  const { Resource } = mainOf(built)
  Object.assign((Resource as { AccessKeyDetails: object }).AccessKeyDetails, {
    ...{ UserName: 'aws:ec2-instance', PrincipalId: `111122223333:aws:ec2-instance:${SUBJECT_INSTANCE}` },
  })
  return built
}
