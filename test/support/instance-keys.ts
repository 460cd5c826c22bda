import { GetCommandInvocationCommand, SendCommandCommand, SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm'

/** What somebody would type on the instance: the keys that its metadata service hands out. */
const READ_KEYS = [
  'token=$(curl -s -X PUT http://169.254.169.254/latest/api/token -H "X-aws-ec2-metadata-token-ttl-seconds: 60")',
  'role=$(curl -s -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/iam/security-credentials/)',
  'curl -s -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/iam/security-credentials/$role',
]

/** The credentials that an instance of a served account has now, read by Run Command, as a trainee could to try them out. */
export const keysOnInstance = async (
  config: SSMClientConfig,
  instanceId: string,
): Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken: string }> => {
  const ssm = new SSMClient(config)
  const { Command } = await ssm.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [instanceId],
      Parameters: { commands: READ_KEYS },
    }),
  )
  const question = new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId: instanceId })
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { Status, StandardOutputContent = '' } = await ssm.send(question).catch(notYet)
    if (Status === 'Success') {
      const { AccessKeyId, SecretAccessKey, Token } = JSON.parse(StandardOutputContent)
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token }
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('The command has not succeeded.')
}

/** Right after the sending AWS knows of no invocation. */
const notYet = (error: unknown): { Status?: string; StandardOutputContent?: string } => {
  if (error instanceof Error && error.name === 'InvocationDoesNotExist') return {}
  throw error
}
