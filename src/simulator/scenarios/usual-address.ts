import { acts, type Plan, type PlannedCall } from '../actors/actor.ts'
import { credentialsOn, egressOf } from '../actors/workload.ts'
import { actorEventsWhile, FIRST_CALL_BEFORE, writePast } from '../scenario-kit/incident.ts'
import { COMPANY_EGRESS } from '../scenario-kit/remotes.ts'
import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildStandardAccount, type StandardAccount } from '../scenario-kit/standard-account.ts'
import { finish } from '../scenario-kit/theft.ts'
import { onAThreatList, placeTheftFindings } from '../scenario-kit/theft-findings.ts'

const INVENTORY_AGENT = 'Boto3/1.35.20 md/Botocore#1.35.20 os/linux#6.1.94 lang/python#3.11.8'
const SECONDS_BETWEEN_CALLS = 30

const INVENTORY: readonly Pick<PlannedCall, 'call' | 'parameters'>[] = [
  { call: 'ec2:DescribeVolumes' },
  { call: 'ec2:DescribeSnapshots', parameters: { OwnerIds: ['self'] } },
  { call: 'ec2:DescribeSecurityGroups' },
]

function* inventoryPlan(): Plan {
  for (;;) for (const step of INVENTORY) yield { ...step, userAgent: INVENTORY_AGENT, afterSeconds: SECONDS_BETWEEN_CALLS }
}

/** The calls of the instances leave through the company's firewall, as they have for weeks. */
const routeThroughTheCompany = ({ subjectInstance, neighbours }: StandardAccount): void => {
  for (const instance of [subjectInstance, ...neighbours]) instance.egressIp = COMPANY_EGRESS.ip
  delete subjectInstance.publicIp
}

/** A job of the web application: the owner's own calls, with the instance's own credentials. */
const startInventory = ({ account, subjectInstance, now }: StandardAccount): void => {
  const actor = {
    who: 'workload',
    credential: () => credentialsOn(account, subjectInstance),
    sourceIp: () => egressOf(account, subjectInstance),
  } as const
  acts(account, actor, inventoryPlan(), now - FIRST_CALL_BEFORE)
}

/** Nothing was stolen: the finding's address is the role's own usual way out, and an entry of the threat list is wrong. */
export const usualAddress: Scenario = {
  story:
    'GuardDuty reports that credentials of role web-app were used from an address on the threat list acme-bad-ips. ' +
    'The list was changed this morning. ' +
    'ir-cred looks whether the role called from that address before: read what it says before you approve anything.',
  build: (options) => {
    const standard = buildStandardAccount(options)
    routeThroughTheCompany(standard)
    const stolen = writePast(standard, '2.0')
    const actorEvents = actorEventsWhile(standard, () => startInventory(standard))
    const appearsAfter = options.findingAppearsAfter ?? 0
    const about = { stolen, actorEvents, remote: COMPANY_EGRESS, who: 'workload' } as const
    const finding = { ...about, userAgent: INVENTORY_AGENT, withInstance: true, appearsAfter }
    return finish(standard, {
      ...about,
      userAgents: [INVENTORY_AGENT],
      placeFindings: () =>
        placeTheftFindings(standard, finding, onAThreatList(/^ec2:Describe(Volumes|Snapshots|SecurityGroups)$/)),
      modelAnswers: [
        'CloudTrail’s history shows the role’s own calls from 192.0.2.80 on every day of the last weeks: the instances’ traffic leaves through the company’s firewall, and the new entry in the threat list is wrong.',
        'Answer false-alarm at the revocation, with the reason: nothing is changed, and the run ends with exit code 0. Then correct the threat list.',
        'The history alone proves nothing: somebody behind the same firewall, or with keys stolen weeks ago, looks the same. Ask whoever runs the network first. If nobody can say, revoke.',
        '`respond --incident` goes on with the incident if it was none after all.',
      ],
    })
  },
}
