import { describe, expect, it } from 'vitest'
import { type PolicySet, responderPolicy } from '../../../src/aws/policy.ts'
import { ANYWHERE } from '../../../src/aws/policy-scope.ts'
import { policyCommand } from '../../../src/cli/commands/policy.ts'
import type { PolicyOptions } from '../../../src/cli/policy/scope.ts'
import { ownDocument } from '../../../src/response/stages/verify-rotation/document.ts'
import { memoryHost } from '../../laws/memory-host.ts'

const printed = async (options: PolicyOptions, set?: string) => {
  const { host, out, err } = memoryHost({})
  await policyCommand.run(host, options, set)
  return { out: out(), err: err() }
}

/** What stands in `jsonencode(…)`, without the templates' escapes. */
const encoded = (terraform: string): unknown =>
  JSON.parse((/jsonencode\(([\s\S]*)\)\n\}\n$/.exec(terraform)?.[1] ?? '').replace(/\$\$\{/g, '${'))

const ARN = 'arn:aws:iam::111122223333:role/service/web-app'
const NARROW: PolicyOptions = { account: ['111122223333'], region: ['us-east-1'], role: [ARN], responderRole: ['ir'] }

describe('ir-cred policy', () => {
  it.each<PolicySet>(['respond', 'observe', 'contain', 'verify'])('prints the policy to %s as JSON', async (set) => {
    const { out } = await printed({}, set)
    expect(JSON.parse(out)).toEqual(responderPolicy(set, ANYWHERE))
    expect((await printed({ json: true }, set)).out.trim().split('\n')).toHaveLength(1)
  })

  it('prints the same policy as a resource of Terraform, with the warnings as comments', async () => {
    const json = await printed(NARROW, 'contain')
    const { out } = await printed({ ...NARROW, format: 'terraform' }, 'contain')
    expect(encoded(out)).toEqual(JSON.parse(json.out))
    expect(out).toMatch(/^# WarningMayPutAnyPolicyOnTheseRoles: iam:PutRolePolicy can give/)
    expect(out).toContain('resource "aws_iam_policy" "ir_cred_contain" {\n  name = "ir-cred-contain"\n  description = ')
  })

  it('explains each Sid that warns, and no other', async () => {
    for (const set of ['respond', 'observe', 'contain', 'verify']) {
      const { out, err } = await printed({}, set)
      const warning = JSON.parse(out).Statement.flatMap(({ Sid }: { Sid: string }) => (/^Warning/.test(Sid) ? [Sid] : []))
      expect([...err.matchAll(/^(\w+): /gm)].map(([, sid]) => sid)).toEqual(warning)
    }
  })

  it('allows AWS’s documents only where nothing is narrowed, or where they are asked for', async () => {
    expect((await printed({})).out).toContain('AWS-RunShellScript')
    const { out, err } = await printed(NARROW)
    expect(out).not.toContain('AWS-RunShellScript')
    expect(err).toContain('aws ssm create-document --name IrCred-ReadInstanceCredentials')
    expect((await printed({ ...NARROW, awsDocuments: true })).out).toContain('AWS-RunShellScript')
  })

  it('prints the Run Command document, as JSON and for Terraform', async () => {
    const { out, err } = await printed({ document: true })
    expect(JSON.parse(out)).toEqual(ownDocument())
    expect(err).toContain('aws ssm create-document')
    const terraform = await printed({ document: true, format: 'terraform' })
    expect(encoded(terraform.out)).toEqual(ownDocument())
    // A template in a string of Terraform’s would be evaluated.
    expect(terraform.out).not.toMatch(/(?<!\$)\$\{|(?<!%)%\{/)
  })

  it.each<[PolicyOptions, RegExp, string?]>([
    [{}, /there is no policy "everything"/, 'everything'],
    [{ format: 'yaml' }, /no policy format "yaml"/],
    [{ document: true }, /prints the Run Command document, not a policy/, 'observe'],
    [{ account: ['1234'] }, /--account "1234" is not an account id/],
    [{ instanceId: ['i-*'] }, /--instance-id "i-\*" is not an instance id/],
    [{ role: ['role with space'] }, /--role "role with space" is not a role/],
    [{ responderRole: ['arn:aws:sts::111122223333:assumed-role/ir/me'] }, /--responder-role .* is not a role/],
    [{ role: [ARN], account: ['444455556666'] }, /account 111122223333, which --account does not name/],
    [{ role: [ARN], region: ['cn-north-1'] }, /not in partition aws-cn/],
    [{ region: ['us-east-1', 'us-gov-west-1'] }, /us-gov-west-1 is not in partition aws/],
    [{ region: ['xx-nowhere-1'] }, /in no partition that ir-cred knows/],
    [{ account: ['111122223333'], role: ['service/web-app'], adminRole: [ARN] }, /both to be revoked and never to be changed/],
    [{ role: Array.from({ length: 120 }, (_, index) => `service/${'r'.repeat(40)}${index}`) }, /IAM takes 6144/],
  ])('refuses %j', async (options, why, set) => {
    await expect(printed(options, set)).rejects.toMatchObject({ kind: 'usage', message: expect.stringMatching(why) })
  })
})
