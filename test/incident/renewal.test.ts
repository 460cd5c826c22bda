import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { awsCommandFor } from '../../src/incident/aws-command.ts'
import type { Consumer } from '../../src/incident/facts/facts.ts'
import { renewalCommand } from '../../src/incident/renewal.ts'

const ROLE = 'arn:aws:iam::111122223333:role/service/web-app'
const place = { aws: awsCommandFor({ profile: 'ir team' }), roleArn: ROLE, region: 'us-east-1' }
const consumer = (parts: Partial<Consumer>): Consumer => ({
  kind: 'instance',
  name: 'i-0aa1b2c3d4e5f6071',
  remedy: 'x',
  ...parts,
})

/** What a shell calls the aws CLI with, a line a call, where the calls answer as they are told. */
const callsOf = (command: string | undefined, answers: string): readonly string[] => {
  const aws = `aws() { printf '%s|' "$@" >> "$CALLS"; echo >> "$CALLS"; case "$*" in ${answers} *) ;; esac; }`
  const script = `CALLS=$(mktemp); ${aws}; ${command}; cat "$CALLS"; rm "$CALLS"`
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n')
}

describe('the command that renews a consumer of the role', () => {
  it('stops an instance, waits, and starts it, in its own Region', () => {
    const calls = callsOf(renewalCommand(consumer({ region: 'eu-west-1' }), place), '')
    expect(calls.map((call) => call.split('|').slice(0, 3))).toEqual([
      ['ec2', 'stop-instances', '--instance-ids'],
      ['ec2', 'wait', 'instance-stopped'],
      ['ec2', 'start-instances', '--instance-ids'],
    ])
    for (const call of calls) expect(call).toMatch(/\|i-0aa1b2c3d4e5f6071\|--region\|eu-west-1\|--profile\|ir team\|$/)
  })

  it('never stops a member of an Auto Scaling group, which would terminate it: the group replaces it', () => {
    const command = renewalCommand(consumer({ autoScaled: true }), place)
    expect(command).toMatch(/^aws autoscaling terminate-instance-in-auto-scaling-group .*--no-should-decrement-desired-capacity/)
    expect(command).not.toContain('stop-instances')
  })

  it('updates each function that runs under the role, and changes nothing but its description', () => {
    const command = renewalCommand(consumer({ kind: 'service', name: 'lambda.amazonaws.com' }), place)
    const answers = '*list-functions*) echo resize-images thumbs;; *get-function-configuration*) echo Makes small images;;'
    const [list = '', ...calls] = callsOf(command, answers)
    const updates = calls.filter((call) => call.includes('|update-function-configuration|'))
    expect(list).toContain(`|Functions[?Role=='${ROLE}'].FunctionName|`)
    expect(updates.map((call) => call.split('|').slice(1, 5))).toEqual([
      ['update-function-configuration', '--function-name', 'resize-images', '--description'],
      ['update-function-configuration', '--function-name', 'thumbs', '--description'],
    ])
    for (const call of updates) expect(call).toMatch(/\|Makes small images \(new credentials \d{4}-[\d-]+T[\d:]+Z\)\|/)
  })

  it('deploys the ECS services whose tasks have the role anew, and no others', () => {
    const command = renewalCommand(consumer({ kind: 'service', name: 'ecs-tasks.amazonaws.com' }), place)
    const answers = `*list-clusters*) echo c1;; *list-services*) echo web other;; *describe-services*other*) echo task:2;;
      *describe-services*) echo task:1;; *describe-task-definition*task:1*) echo ${ROLE};; *describe-task-definition*) echo None;;`
    const deployed = callsOf(command, answers).filter((call) => call.includes('|update-service|'))
    expect(deployed).toHaveLength(1)
    expect(deployed[0]).toContain('|--cluster|c1|--service|web|--force-new-deployment|')
  })

  it('of pods names those whose association has the role: its list does not say it', () => {
    const command = renewalCommand(consumer({ kind: 'service', name: 'pods.eks.amazonaws.com' }), place) ?? ''
    const answers = `*list-clusters*) echo c1;; *list-pod-identity-associations*) echo a-1 a-2;;
      *describe-pod-identity-association*a-1*) echo ${ROLE} None c1 shop web;; *describe-*) echo arn:other None c1 shop api;;`
    const asked = callsOf(command, answers).filter((call) => call.includes('|describe-pod-identity-association|'))
    expect(asked).toHaveLength(2)
  })

  it('does not exist for people, and for services that ir-cred cannot renew', () => {
    for (const parts of [
      { kind: 'session', name: 'arn:aws:iam::111122223333:root' },
      { kind: 'service', name: 'codebuild.amazonaws.com' },
    ] as const)
      expect(renewalCommand(consumer(parts), place)).toBeUndefined()
  })
})
