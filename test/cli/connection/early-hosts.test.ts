import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GuardDutyClient } from '@aws-sdk/client-guardduty'
import { IAMClient } from '@aws-sdk/client-iam'
import { STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { earlyHosts, hostOf } from '../../../src/cli/connection/early-hosts.ts'
import type { Request } from '../../../src/incident/entry.ts'

const FILE: Request = { by: 'file', name: 'finding.json', text: '{}' }
const byArn = (region: string): Request => ({
  by: 'finding-id',
  id: `arn:aws:guardduty:${region}:111122223333:detector/12abc34d567e8fa901bc2d34e56789f0/finding/${'0'.repeat(32)}`,
})
const REGIONS = { regions: ['eu-west-1'] }
const none = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' }

/** What is opened, a line each. */
const opened = async (request: Partial<Parameters<typeof earlyHosts>[0]>, finding: Request, env: object = none) =>
  (await earlyHosts({ regions: [], ...request }, finding, { ...env })).map(
    ({ service, host, port, connections }) => `${service} ${host}:${port} ${connections}`,
  )

const fileWith = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'early-hosts-')), 'config')
  writeFileSync(path, text)
  return path
}

describe('the hosts that a response connects to at once', () => {
  it('are those of STS and IAM, and GuardDuty’s in the Region of the finding’s ARN', async () => {
    expect(await opened(REGIONS, byArn('ap-south-1'))).toEqual([
      'sts sts.eu-west-1.amazonaws.com:443 1',
      'guardduty guardduty.ap-south-1.amazonaws.com:443 1',
      'iam iam.amazonaws.com:443 2',
    ])
  })

  it('have no GuardDuty where the finding is a file', async () => {
    expect(await opened(REGIONS, FILE)).toEqual(['sts sts.eu-west-1.amazonaws.com:443 1', 'iam iam.amazonaws.com:443 2'])
  })

  it('have no IAM while a person chooses the finding', async () => {
    expect(await opened(REGIONS, { by: 'list' })).toEqual([
      'sts sts.eu-west-1.amazonaws.com:443 1',
      'guardduty guardduty.eu-west-1.amazonaws.com:443 1',
    ])
  })

  it('take the Region from the environment where none was named', async () => {
    expect(await opened({}, FILE, { ...none, AWS_REGION: 'us-west-2' })).toContain('sts sts.us-west-2.amazonaws.com:443 1')
  })

  it('are only GuardDuty’s where no Region is known: a profile may name one', async () => {
    expect(await opened({}, byArn('us-east-1'))).toEqual(['guardduty guardduty.us-east-1.amazonaws.com:443 1'])
  })

  it('are the endpoint that was given on the command line, and no host of AWS', async () => {
    const endpointUrl = 'https://[::1]:8443'
    const places = await opened({ ...REGIONS, endpointUrl }, byArn('us-east-1'))
    expect(places).toEqual(['sts ::1:8443 1', 'guardduty ::1:8443 1', 'iam ::1:8443 2'])
  })

  it('are none at a plain endpoint', async () => {
    expect(await opened({ ...REGIONS, endpointUrl: 'http://127.0.0.1:4599' }, byArn('us-east-1'))).toEqual([])
  })

  it.each(['cn-north-1', 'us-gov-west-1', 'eusc-de-east-1', 'xx-nowhere-1'])('are none in %s', async (region) => {
    expect(await opened({ regions: [region] }, FILE)).toEqual([])
  })

  it.each([
    ['AWS_USE_FIPS_ENDPOINT', 'true'],
    ['AWS_USE_DUALSTACK_ENDPOINT', 'true'],
    ['AWS_STS_REGIONAL_ENDPOINTS', 'legacy'],
  ])('are none where the environment sets %s', async (name, value) => {
    expect(await opened(REGIONS, FILE, { ...none, [name]: value })).toEqual([])
  })

  it.each(['endpoint_url = https://elsewhere.example', 'use_fips_endpoint = true', 'use_dualstack_endpoint = true'])(
    'are none where a file of AWS’s tools says %s',
    async (setting) => {
      const file = fileWith(`[default]\n${setting}\n`)
      expect(await opened(REGIONS, FILE, { ...none, AWS_CONFIG_FILE: file })).toEqual([])
      expect(await opened(REGIONS, FILE, { ...none, AWS_SHARED_CREDENTIALS_FILE: file })).toEqual([])
    },
  )

  it('are none where it is not known which files AWS’s tools read', async () => {
    expect(await opened(REGIONS, FILE, {})).toEqual([])
  })

  it('are refused as the run is where only the environment names another endpoint', async () => {
    await expect(opened(REGIONS, FILE, { ...none, AWS_ENDPOINT_URL: 'https://elsewhere.example' })).rejects.toMatchObject({
      kind: 'usage',
    })
  })
})

describe('the host of a service', () => {
  const REGIONS_OF_AWS = ['us-east-1', 'us-west-2', 'eu-central-1', 'ap-southeast-7', 'il-central-1', 'mx-central-1']
  it.each(REGIONS_OF_AWS)('is the one that the SDK asks in %s', (region) => {
    for (const [service, Client] of [
      ['sts', STSClient],
      ['guardduty', GuardDutyClient],
      ['iam', IAMClient],
    ] as const) {
      const { config } = new Client({ region })
      const { url } = config.endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false }, {})
      expect(hostOf(service, region)).toBe(url.host)
    }
  })
})
