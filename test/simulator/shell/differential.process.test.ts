import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerMetadata, type Metadata } from '../../../src/simulator/instances/imds.ts'
import { metadata, roleless, run, TOKEN } from './instance.ts'
import { scripts, snippets } from './scripts.ts'

/** A curl that prints prepared answers: of its options it knows what decides about the answer and the exit code. */
const CURL = `#!/bin/sh
method=GET token=none fail= url=
while [ $# -gt 0 ]; do
  case $1 in
    -X) method=$2; shift ;;
    -H) case $2 in X-aws-ec2-metadata-token:*) token=valid ;; esac; shift ;;
    -m | --max-filesize) shift ;;
    -f) fail=yes ;;
    http*) url=$1 ;;
  esac
  shift
done
answer=$ANSWERS/$method-$token-$(echo "$url" | sed 's|^http://169.254.169.254||; s|/|_|g')
[ -f "$answer" ] || exit 28
if [ -n "$fail" ] && [ -f "$answer.refused" ]; then exit 22; fi
cat "$answer"
`

const PATHS = ['', 'web-app'].map((name) => `/latest/meta-data/iam/security-credentials/${name}`)

let home = ''

const prepare = (name: string, instance: Metadata): string => {
  const answers = join(home, name)
  mkdirSync(answers)
  const keep = (method: string, token: string, path: string, headers: Record<string, string>) => {
    const answer = answerMetadata({ method, url: `http://169.254.169.254${path}`, headers }, instance)
    if (!answer) return
    const file = join(answers, `${method}-${token}-${path.replaceAll('/', '_')}`)
    writeFileSync(file, answer.body)
    if (answer.status >= 400) writeFileSync(`${file}.refused`, '')
  }
  keep('PUT', 'none', '/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '60' })
  for (const path of PATHS) {
    keep('GET', 'none', path, {})
    keep('GET', 'valid', path, { 'x-aws-ec2-metadata-token': TOKEN })
  }
  return answers
}

const runForReal = (script: string, answers: string) => {
  const environment = { PATH: `${join(home, 'bin')}:/usr/bin:/bin`, ANSWERS: answers, LC_ALL: 'C' }
  const { status, stdout } = spawnSync('sh', ['-c', script], { cwd: join(home, 'empty'), env: environment, encoding: 'utf8' })
  return { exitCode: status, stdout }
}

const instances: Readonly<Record<string, Metadata>> = {
  'tokens are optional': metadata(),
  'tokens are required': metadata({ tokens: 'required' }),
  'the instance has no role': roleless(),
  'the service is off': metadata({ enabled: false }),
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'simulated-shell-'))
  mkdirSync(join(home, 'bin'))
  mkdirSync(join(home, 'empty'))
  writeFileSync(join(home, 'bin', 'curl'), CURL, { mode: 0o755 })
})
afterAll(() => rmSync(home, { recursive: true }))

const simulate = (script: string, instance = metadata()) => {
  const { exitCode, stdout } = run(script, instance)
  return { exitCode, stdout }
}

describe.each(Object.entries(instances))('reads credentials as the real shell does when %s', (name, instance) => {
  it.each(Object.entries(scripts))('%s', (title, script) => {
    expect(simulate(script, instance)).toEqual(runForReal(script, prepare(`${name} ${title}`, instance)))
  })
})

describe('the simulated shell does what the real shell does', () => {
  it.each(snippets)('%s', (script) => {
    expect(simulate(script)).toEqual(runForReal(script, ''))
  })
})
