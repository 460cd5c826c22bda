import { type Api, serviceOf } from './call-totals.ts'

/**
 * What can be done to an instance, a role, a user or a key so that its credentials get into other hands, or can do more; by
 * `service:EventName`, in words.
 */
const CAUSE_EVENTS: ReadonlyMap<string, string> = new Map([
  ['ssm:SendCommand', 'ran a command on'],
  ['ssm:StartSession', 'opened a session on'],
  ['ssm:ResumeSession', 'resumed a session on'],
  ['ssm:StartAutomationExecution', 'ran an automation on'],
  ['ssm:CreateAssociation', 'made a State Manager association for'],
  ['ssm:CreateAssociationBatch', 'made State Manager associations for'],
  ['ssm:UpdateAssociation', 'changed a State Manager association of'],
  ['ssm:UpdateManagedInstanceRole', 'changed the role of'],
  ['ec2-instance-connect:SendSSHPublicKey', 'put an SSH key on'],
  ['ec2-instance-connect:SendSerialConsoleSSHPublicKey', 'put a serial console key on'],
  ['ec2-instance-connect:OpenTunnel', 'opened a tunnel to'],
  ['ec2:ModifyInstanceMetadataOptions', 'changed the metadata options of'],
  ['ec2:ModifyInstanceAttribute', 'changed an attribute of'],
  ['ec2:AssociateIamInstanceProfile', 'gave an instance profile to'],
  ['ec2:ReplaceIamInstanceProfileAssociation', 'replaced the instance profile of'],
  ['ec2:DisassociateIamInstanceProfile', 'took the instance profile from'],
  ['ec2:RunInstances', 'launched'],
  ['ec2:StartInstances', 'started'],
  ['ec2:StopInstances', 'stopped'],
  ['ec2:RebootInstances', 'rebooted'],
  ['ec2:CreateImage', 'made an image of'],
  ['ec2:CreateSnapshots', 'made snapshots of'],
  ['ec2:AttachVolume', 'attached a volume to'],
  ['ec2:DetachVolume', 'detached a volume from'],
  ['ec2:CreateReplaceRootVolumeTask', 'replaced the root volume of'],
  ['ec2:CreateInstanceExportTask', 'exported'],
  ['ec2:ModifyNetworkInterfaceAttribute', 'changed a network interface of'],
  ['ec2:AssociateAddress', 'gave an address to'],
  ['iam:CreateRole', 'made'],
  ['iam:UpdateRole', 'changed'],
  ['iam:UpdateAssumeRolePolicy', 'changed the trust policy of'],
  ['iam:PutRolePolicy', 'wrote an inline policy of'],
  ['iam:AttachRolePolicy', 'attached a policy to'],
  ['iam:DetachRolePolicy', 'detached a policy from'],
  ['iam:DeleteRolePolicy', 'deleted an inline policy of'],
  ['iam:PutRolePermissionsBoundary', 'set the permissions boundary of'],
  ['iam:DeleteRolePermissionsBoundary', 'removed the permissions boundary of'],
  ['iam:AddRoleToInstanceProfile', 'put into an instance profile'],
  ['iam:CreateUser', 'made'],
  ['iam:CreateAccessKey', 'made an access key of'],
  ['iam:UpdateAccessKey', 'changed an access key of'],
  ['iam:CreateLoginProfile', 'set a console password of'],
  ['iam:UpdateLoginProfile', 'changed the console password of'],
  ['iam:ChangePassword', 'changed the password of'],
  ['iam:DeactivateMFADevice', 'switched off an MFA device of'],
  ['iam:EnableMFADevice', 'enabled an MFA device of'],
  ['iam:DeleteVirtualMFADevice', 'deleted an MFA device of'],
  ['iam:PutUserPolicy', 'wrote an inline policy of'],
  ['iam:AttachUserPolicy', 'attached a policy to'],
  ['iam:AddUserToGroup', 'put into a group'],
  ['iam:DeleteUserPermissionsBoundary', 'removed the permissions boundary of'],
  ['iam:PutUserPermissionsBoundary', 'set the permissions boundary of'],
])

/** Asked of every record that is looked at: most names are none of these. */
export const CAUSE_NAMES: ReadonlySet<string> = new Set([...CAUSE_EVENTS.keys()].map((call) => call.slice(call.indexOf(':') + 1)))

/** What the call did to something, in words; undefined for a call that is not known to expose credentials. */
export const causeOf = ({ eventSource, eventName }: Api): string | undefined =>
  CAUSE_NAMES.has(eventName) ? CAUSE_EVENTS.get(`${serviceOf(eventSource)}:${eventName}`) : undefined
