import { answerMetadata, type ImdsCredentials, type Metadata } from '../../../src/simulator/instances/imds.ts'
import type { ScriptHost } from '../../../src/simulator/shell/command.ts'
import { runScript, type ScriptResult } from '../../../src/simulator/shell/script.ts'

export const METADATA = 'http://169.254.169.254/latest/meta-data'
export const TOKEN = 'AQAEAExampleTokenOfThisInstance=='

const credentials = (accessKeyId: string, overrides: Partial<ImdsCredentials> = {}): ImdsCredentials => ({
  Code: 'Success',
  LastUpdated: '2026-11-25T02:14:09Z',
  Type: 'AWS-HMAC',
  AccessKeyId: accessKeyId,
  SecretAccessKey: 'a/Secret+Key',
  Token: 'IQoJb3JpZ2luX2VjEXAMPLE,{}==',
  Expiration: '2026-11-25T08:31:44Z',
  ...overrides,
})

/** What the metadata service of an instance with role web-app knows. */
export const metadata = (overrides: Partial<Metadata> = {}): Metadata => ({
  tokens: 'optional',
  enabled: true,
  instanceId: 'i-0123456789abcdef0',
  roleName: 'web-app',
  profileArn: 'arn:aws:iam::111122223333:instance-profile/web-profile',
  profileId: 'AIPAEXAMPLEPROFILE',
  v1: credentials('ASIAV1V1V1V1V1V1V1V1'),
  v2: credentials('ASIAV2V2V2V2V2V2V2V2'),
  validToken: (token) => token === TOKEN,
  newToken: () => TOKEN,
  ...overrides,
})

/** An instance whose profile holds no role. */
export const roleless = (): Metadata => {
  const { roleName: _role, v1: _v1, v2: _v2, ...rest } = metadata()
  return rest
}

export const hostOf = (instance: Metadata): ScriptHost => ({
  http: (request) => answerMetadata(request, instance),
  now: '2026-11-25T02:20:05Z',
})

/** Runs a script on an instance, in the simulated shell. */
export const run = (script: string, instance = metadata()): ScriptResult => runScript(script.split('\n'), hostOf(instance))
