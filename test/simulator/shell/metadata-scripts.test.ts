import { describe, expect, it } from 'vitest'
import type { MetadataRequest } from '../../../src/simulator/instances/imds.ts'
import { runScript } from '../../../src/simulator/shell/script.ts'
import { METADATA, metadata, roleless, run } from './instance.ts'
import { scripts } from './scripts.ts'

describe('scripts that read the credentials of the instance', () => {
  it('print only three fields when they filter, and those of the IMDSv2 set', () => {
    expect(run(scripts.filtered)).toEqual({
      exitCode: 0,
      stdout: 'LastUpdated=2026-11-25T02:14:09Z\nAccessKeyId=ASIAV2V2V2V2V2V2V2V2\nExpiration=2026-11-25T08:31:44Z\n',
      stderr: '',
    })
  })
  it('print the role too when they ask for it', () => {
    const { stdout, exitCode } = run(scripts.guarded)
    expect(exitCode).toBe(0)
    expect(stdout.split('\n')).toEqual([
      'Code=Success',
      'LastUpdated=2026-11-25T02:14:09Z',
      'AccessKeyId=ASIAV2V2V2V2V2V2V2V2',
      'Expiration=2026-11-25T08:31:44Z',
      'Role=web-app',
      '',
    ])
  })
  it('print the secret and the IMDSv1 set when they are naive', () => {
    const { stdout } = run(scripts.imdsv1)
    expect(JSON.parse(stdout)).toMatchObject({ AccessKeyId: 'ASIAV1V1V1V1V1V1V1V1', SecretAccessKey: 'a/Secret+Key' })
    expect(run(scripts.grepForKey).stdout).toBe('ASIAV1V1V1V1V1V1V1V1\n')
  })
  it('print the IMDSv2 set with a token in backquotes', () => {
    expect(JSON.parse(run(scripts.imdsv2Backquotes).stdout)).toMatchObject({ AccessKeyId: 'ASIAV2V2V2V2V2V2V2V2' })
  })
  it('call an error page "rotated" when they are naive and tokens are required', () => {
    expect(run(scripts.imdsv1, metadata({ tokens: 'required' }))).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('401 - Unauthorized'),
    })
    expect(run(scripts.compare, metadata({ tokens: 'required' }))).toMatchObject({ exitCode: 0, stdout: 'rotated: \n' })
  })
  it('see an empty listing where the instance has no role', () => {
    expect(run(scripts.guarded, roleless())).toMatchObject({ exitCode: 12, stdout: 'NO_ROLE\n' })
  })
  it('time out where the service is off', () => {
    expect(run(scripts.guarded, metadata({ enabled: false }))).toEqual({
      exitCode: 10,
      stdout: 'IMDS_TOKEN_FAILED\n',
      stderr: 'curl: (28) Connection timed out after 3000 milliseconds\n',
    })
    expect(run(scripts.filtered, metadata({ enabled: false })).exitCode).toBe(28)
  })
})

describe('curl', () => {
  it.each([
    ['prints a refusal without -f', `curl ${METADATA}/nothing`, 0, ''],
    ['fails on a refusal with -f', `curl -sSf ${METADATA}/nothing`, 22, 'curl: (22) The requested URL returned error: 404\n'],
    ['says nothing with -s alone', `curl -sf ${METADATA}/nothing`, 22, ''],
    [
      'refuses what is too large',
      `curl -sS --max-filesize 10 ${METADATA}/instance-id`,
      63,
      'curl: (63) Maximum file size exceeded\n',
    ],
    ['resolves no other host', 'curl -sS https://example.com/', 6, 'curl: (6) Could not resolve host: example.com\n'],
    ['has no name of a secret either', 'curl -sS http://localhost:8080/', 6, 'curl: (6) Could not resolve host: localhost\n'],
    [
      'reaches no other address',
      'curl -sS http://10.0.0.1/',
      7,
      "curl: (7) Failed to connect to 10.0.0.1 port 80: Couldn't connect to server\n",
    ],
    [
      'reaches no other port',
      'curl -sS http://169.254.169.254:8080/',
      7,
      "curl: (7) Failed to connect to 169.254.169.254 port 8080: Couldn't connect to server\n",
    ],
    [
      'reaches no IPv6 address',
      'curl -sS http://[fd00:ec2::254]/',
      7,
      "curl: (7) Failed to connect to [fd00:ec2::254] port 80: Couldn't connect to server\n",
    ],
    ['reads no files', 'curl -sS file:///etc/passwd', 1, 'curl: (1) Protocol "file" not supported or disabled in libcurl\n'],
    ['writes no files', `curl -sS -o /tmp/x ${METADATA}/instance-id`, 23, 'curl: (23) Failure writing output to destination\n'],
    ['takes no blanks in a URL', `curl -sS "${METADATA}/a b"`, 3, 'curl: (3) URL using bad/illegal format or missing URL\n'],
    [
      'knows no other options',
      'curl --data x http://169.254.169.254/',
      2,
      "curl: option --data: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    ],
    [
      'wants a number of seconds',
      'curl -m soon http://169.254.169.254/',
      2,
      "curl: expected a proper numerical parameter\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    ],
    ['wants a URL', 'curl -s', 2, "curl: (2) no URL specified\ncurl: try 'curl --help' for more information\n"],
  ])('%s', (_rule, script, exitCode, stderr) => {
    expect(run(script)).toMatchObject({ exitCode, stderr })
  })
  it('finds the URL wherever it stands, without a scheme too', () => {
    expect(run('curl 169.254.169.254/latest/meta-data/instance-id -s').stdout).toBe('i-0123456789abcdef0')
  })
  it('writes what it is asked to, and the status code', () => {
    expect(run(`curl -s -o /dev/null -w '%{http_code}\\n' ${METADATA}/nothing`).stdout).toBe('404\n')
    expect(run("curl -s -o /dev/null -w '%{http_code}' http://10.0.0.1/").stdout).toBe('000')
  })
  it('sends method and headers, names in lower case, as they were written', () => {
    const requests: MetadataRequest[] = []
    runScript(["curl -XPUT --header 'X-Ab:  c: d' -H'Empty:' -H \"Who: é\" http://169.254.169.254"], {
      http: (request) => {
        requests.push(request)
        return { status: 200, body: '' }
      },
    })
    expect(requests).toEqual([{ method: 'PUT', url: 'http://169.254.169.254/', headers: { 'x-ab': 'c: d', who: 'é' } }])
  })
})
