import { isRoleName, isTemporaryKeyId } from '../../../incident/values/identifiers.ts'

/**
 * What runs on a Linux instance: fixed text. It fetches an IMDSv2 token, reads the role's credentials and lets only
 * AccessKeyId, LastUpdated and Expiration out; secret and token never leave the instance, since SSM keeps command output.
 */
const SHELL = [
  'set -eu',
  "B='http://169.254.169.254/latest'",
  'T=$(curl -sS -f -m 5 -X PUT -H \'X-aws-ec2-metadata-token-ttl-seconds: 60\' "$B/api/token") || { echo FAILED=token; exit 10; }',
  'R=$(curl -sS -f -m 5 -H "X-aws-ec2-metadata-token: $T" "$B/meta-data/iam/security-credentials/" | head -n 1) || { echo FAILED=role; exit 11; }',
  '[ -n "$R" ] || { echo FAILED=role; exit 11; }',
  'echo "Role=$R"',
  'curl -sS -f -m 5 --max-filesize 65536 -H "X-aws-ec2-metadata-token: $T" "$B/meta-data/iam/security-credentials/$R" | head -c 65536 | tr \',{}\' \'\\n\\n\\n\' | sed -n ' +
    '-e \'s/^.*"\\(AccessKeyId\\)"[[:space:]]*:[[:space:]]*"\\([A-Z0-9]\\{16,128\\}\\)".*$/\\1=\\2/p\' ' +
    '-e \'s/^.*"\\(LastUpdated\\)"[[:space:]]*:[[:space:]]*"\\([0-9TZ:.-]\\{20,30\\}\\)".*$/\\1=\\2/p\' ' +
    '-e \'s/^.*"\\(Expiration\\)"[[:space:]]*:[[:space:]]*"\\([0-9TZ:.-]\\{20,30\\}\\)".*$/\\1=\\2/p\'',
] as const

/** The same for Windows, in PowerShell. Not run against a real Windows instance yet. */
const POWERSHELL = [
  "$ErrorActionPreference = 'Stop'",
  "$B = 'http://169.254.169.254/latest'",
  "try { $T = Invoke-RestMethod -Method Put -TimeoutSec 5 -Headers @{'X-aws-ec2-metadata-token-ttl-seconds' = '60'} -Uri \"$B/api/token\" } catch { Write-Output 'FAILED=token'; exit 10 }",
  "$H = @{'X-aws-ec2-metadata-token' = $T}",
  'try { $R = (Invoke-RestMethod -TimeoutSec 5 -Headers $H -Uri "$B/meta-data/iam/security-credentials/").Split("`n")[0].Trim() } catch { Write-Output \'FAILED=role\'; exit 11 }',
  '$C = Invoke-RestMethod -TimeoutSec 5 -Headers $H -Uri "$B/meta-data/iam/security-credentials/$R"',
  'Write-Output "Role=$R"',
  'Write-Output "AccessKeyId=$($C.AccessKeyId)"',
  'Write-Output "LastUpdated=$($C.LastUpdated)"',
  'Write-Output "Expiration=$($C.Expiration)"',
] as const

/** The document and the lines to run for a platform. */
export const scriptFor = (platform: 'linux' | 'windows'): { readonly document: string; readonly commands: readonly string[] } =>
  platform === 'windows'
    ? { document: 'AWS-RunPowerShellScript', commands: POWERSHELL }
    : { document: 'AWS-RunShellScript', commands: SHELL }

/** The instance's answer when it is well-formed; or why it is not. Every byte of it may be an attacker's. */
export type Answer =
  | {
      readonly wellFormed: true
      readonly roleName: string
      readonly accessKeyId: string
      readonly lastUpdated: string
      readonly expiration: string
    }
  | {
      readonly wellFormed: false
      readonly why: string
      /** Set where the script itself says what failed. */
      readonly fromScript?: true
    }

const FAILURES = new Map([
  ['token', 'the metadata service gave no token (IMDS switched off, hop limit, or curl missing)'],
  ['role', 'the metadata service lists no role: the instance profile has none, or was removed'],
])

const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text)

const malformed = (why: string) => ({ wellFormed: false, why }) as const

/** Reads the answer by its grammar: each of the four lines exactly once. Other lines count for nothing. */
export const readAnswer = (stdout: string): Answer => {
  const lines = stdout.slice(0, 24_000).split(/\r?\n/)
  const failed = /^FAILED=(\w+)$/.exec(lines.find((line) => line.startsWith('FAILED=')) ?? '')?.[1]
  if (failed) return { ...malformed(FAILURES.get(failed) ?? 'the script failed on the instance'), fromScript: true }
  const one = (name: string, isWellFormed: (text: string) => boolean): string | undefined => {
    const values = lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1))
    return values.length === 1 && values[0] !== undefined && isWellFormed(values[0]) ? values[0] : undefined
  }
  const roleName = one('Role', isRoleName)
  const accessKeyId = one('AccessKeyId', isTemporaryKeyId)
  const lastUpdated = one('LastUpdated', isTime)
  const expiration = one('Expiration', isTime)
  if (!roleName || !accessKeyId || !lastUpdated || !expiration)
    return malformed('the instance’s answer is not what the script prints')
  return { wellFormed: true, roleName, accessKeyId, lastUpdated, expiration }
}
