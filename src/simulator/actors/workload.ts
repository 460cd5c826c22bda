import type { Account, Instance } from '../account/account.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import { timeIn } from '../agenda.ts'
import { mayCallOut } from '../instances/network.ts'
import { handedOut, roleOfInstance } from '../issue-credentials.ts'
import { between, pick } from '../random.ts'
import { acts, type Plan, type PlannedCall } from './actor.ts'

const SDK_AGENT = 'aws-sdk-js/3.600.0 ua/2.1 os/linux#6.1.94 lang/js md/nodejs#20.15.1 api/s3#3.600.0'
const EC2_AGENT = 'aws-sdk-js/3.600.0 ua/2.1 os/linux#6.1.94 lang/js md/nodejs#20.15.1 api/ec2#3.600.0'
const SECONDS_BETWEEN_CALLS = [120, 300] as const

type Step = Omit<PlannedCall, 'afterSeconds'>

/** What the web application does all day, as far as it is management events. */
export const USUAL_STEPS: readonly Step[] = [
  { call: 's3:ListBuckets', asks: 's3:ListAllMyBuckets', userAgent: SDK_AGENT },
  {
    call: 's3:GetBucketLocation',
    resource: 'arn:aws:s3:::acme-web-uploads',
    parameters: { BucketName: 'acme-web-uploads' },
    userAgent: SDK_AGENT,
  },
  { call: 'ec2:DescribeInstances', parameters: { Filters: [{ Name: 'tag:Service', Values: ['web'] }] }, userAgent: EC2_AGENT },
  { call: 'ec2:DescribeTags', userAgent: EC2_AGENT },
  { call: 'sts:GetCallerIdentity', asks: null, userAgent: SDK_AGENT },
]

/** The address that AWS sees: of the owner's own way out, the instance's own, or that of the NAT gateway of its network. */
export const egressOf = (account: Account, instance: Instance): string => {
  const gateway = [...account.natGateways.values()].find(({ vpcId }) => vpcId === instance.vpcId)
  return instance.egressIp ?? instance.publicIp ?? gateway?.publicIp ?? instance.privateIp
}

/** What a process on the instance finds when it asks the metadata service now; nothing while the instance is down, its metadata service off, or its profile gone. */
export const credentialsOn = (account: Account, instance: Instance): IssuedCredential | undefined =>
  instance.state === 'running' && instance.metadataEnabled && roleOfInstance(account, instance)
    ? handedOut(account, instance, '2.0', timeIn(account))
    : undefined

/** What somebody on the instance calls AWS with now; nothing where no security group lets calls out. */
export const callingWith = (account: Account, instance: Instance): IssuedCredential | undefined =>
  mayCallOut(account, instance) ? credentialsOn(account, instance) : undefined

function* goingOn(random: () => number): Plan {
  for (;;) yield { ...pick(random, USUAL_STEPS), afterSeconds: between(random, ...SECONDS_BETWEEN_CALLS) }
}

/** The application goes on through the incident with whatever credentials its instance has at the moment. */
export const workloadActs = (account: Account, instance: Instance): void => {
  const actor = {
    who: 'workload',
    credential: () => callingWith(account, instance),
    sourceIp: () => egressOf(account, instance),
  } as const
  acts(account, actor, goingOn(account.random))
}
