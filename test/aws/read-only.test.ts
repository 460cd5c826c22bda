import { DescribeInstancesCommand, RebootInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { DeleteRoleCommand, GetRoleCommand, ListUsersCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import { createWriteGate } from '../../src/aws/read-only.ts'
import { configAnswering, fromAws } from '../support/aws-connection.ts'

const InstanceIds = ['i-08faaaafb15777f5a']
const policy = { RoleName: 'web-app', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument: '{}' }

const config = () => configAnswering(() => fromAws(''))

describe('the read-only guard', () => {
  it('lets nothing leave that the table of calls does not know, licensed or not', async () => {
    const { aws, sent, writeGate } = config()
    const deletion = new DeleteRoleCommand({ RoleName: 'web-app' })
    writeGate.open(deletion.input)
    await expect(aws.iam.send(deletion)).rejects.toThrow('iam:DeleteRole is not in the table of API calls')
    await expect(aws.iam.send(new ListUsersCommand({}))).rejects.toThrow('iam:ListUsers is not in the table of API calls')
    await expect(aws.ec2.send(new RebootInstancesCommand({ InstanceIds }))).rejects.toThrow('ec2:RebootInstances is not in')
    expect(sent).toEqual([])
  })

  it('lets no write leave for which no intent was written', async () => {
    const { aws, sent } = config()
    await expect(aws.iam.send(new PutRolePolicyCommand(policy))).rejects.toThrow('no intent was written for it')
    await expect(aws.ec2.send(new StopInstancesCommand({ InstanceIds }))).rejects.toThrow('no intent was written for it')
    await expect(aws.ec2.send(new StopInstancesCommand({ InstanceIds, DryRun: false }))).rejects.toThrow('no intent')
    expect(sent).toEqual([])
  })

  it('lets a write leave that was licensed, and no other one like it', async () => {
    const { aws, sent, writeGate } = config()
    const command = new PutRolePolicyCommand(policy)
    writeGate.open(command.input)
    await aws.iam.send(command)
    expect(sent).toHaveLength(1)
    await expect(aws.iam.send(new PutRolePolicyCommand({ ...policy }))).rejects.toThrow('no intent was written for it')
    expect(sent).toHaveLength(1)
  })

  it('lets a dry run leave, with its flag', async () => {
    const { aws, sent } = config()
    await aws.ec2.send(new StopInstancesCommand({ InstanceIds, DryRun: true }))
    expect(sent.map(({ body }) => new URLSearchParams(body).get('DryRun'))).toEqual(['true'])
  })

  it('lets reads leave', async () => {
    const { aws, sent } = config()
    await aws.ec2.send(new DescribeInstancesCommand({ InstanceIds }))
    await aws.iam.send(new GetRoleCommand({ RoleName: 'web-app' }))
    expect(sent).toHaveLength(2)
  })

  it('stands in front of every client of every Region', async () => {
    const { clients, sent } = config()
    for (const region of ['us-east-1', 'eu-central-1']) {
      for (const client of Object.values(clients(region))) {
        const unknown = new DescribeInstanceInformationCommand({})
        if (client === clients(region).ssm) continue
        await expect(client.send(unknown as never)).rejects.toThrow('is not in the table of API calls')
      }
    }
    expect(sent).toEqual([])
  })
})

describe('the gate for writes', () => {
  it('is open for the very input that it was opened for', () => {
    const writeGate = createWriteGate()
    const input = { RoleName: 'web-app' }
    writeGate.open(input)
    expect(writeGate.isOpen(input)).toBe(true)
    expect(writeGate.isOpen({ ...input })).toBe(false)
  })

  it('stays closed where another gate was opened', () => {
    const input = {}
    createWriteGate().open(input)
    expect(createWriteGate().isOpen(input)).toBe(false)
  })
})
