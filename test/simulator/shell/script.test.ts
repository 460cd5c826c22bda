import { describe, expect, it } from 'vitest'
import { runScript } from '../../../src/simulator/shell/script.ts'
import { hostOf, metadata, run } from './instance.ts'

describe('a command list of AWS-RunShellScript', () => {
  it('is one script, a line each', () => {
    expect(runScript(['A=1', 'if [ "$A" = 1 ]', 'then echo yes; fi'], hostOf(metadata()))).toEqual({
      exitCode: 0,
      stdout: 'yes\n',
      stderr: '',
    })
  })
  it('may be empty', () => {
    expect(runScript([], hostOf(metadata()))).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })
  it('counts in bytes and still prints the characters', () => {
    expect(run(`A="é€"; echo "\${#A} $A"; printf "é€" | head -c 2`)).toMatchObject({ stdout: '5 é€\né' })
  })
  it('runs the lines above a syntax error, then ends with exit code 2', () => {
    expect(run('echo before\nfi\necho never')).toEqual({
      exitCode: 2,
      stdout: 'before\n',
      stderr: 'sh: 2: Syntax error: "fi" unexpected\n',
    })
  })
})

describe('what the instance does not have', () => {
  it.each([
    ['a program', 'python3 -c "print(1)"', 127, 'sh: 1: python3: not found\n'],
    ['a program, two lines down', '\n\njq . x', 127, 'sh: 3: jq: not found\n'],
    ['a program with a path', '/opt/tool', 127, 'sh: 1: /opt/tool: not found\n'],
    ['a name every object has', 'constructor', 127, 'sh: 1: constructor: not found\n'],
    ['a file to write', 'echo x > /tmp/x', 2, 'sh: 1: cannot create /tmp/x: Permission denied\n'],
    ['a file named as every object', 'echo x >> constructor', 2, 'sh: 1: cannot create constructor: Permission denied\n'],
    ['a file to read', 'cat < /etc/passwd', 2, 'sh: 1: cannot open /etc/passwd: No such file\n'],
    ['a file to show', 'cat /etc/passwd', 1, 'cat: /etc/passwd: No such file or directory\n'],
    ['a file to search', 'grep root /etc/passwd', 2, 'grep: /etc/passwd: No such file or directory\n'],
    ['a file to edit', 'sed p /etc/passwd', 2, "sed: can't read /etc/passwd: No such file or directory\n"],
    ['pipefail, as dash', 'set -euo pipefail', 2, 'sh: 1: set: Illegal option -o pipefail\n'],
    ['an option of set', 'set -z; echo never', 2, 'sh: 1: set: Illegal option -z\n'],
    ['an unset parameter under set -u', 'set -u\necho $NOPE', 2, 'sh: 2: NOPE: parameter not set\n'],
    ['an inherited parameter', 'set -u; echo $toString', 2, 'sh: 1: toString: parameter not set\n'],
    ['a demanded parameter', `echo \${NOPE:?is needed}`, 2, 'sh: 1: NOPE: is needed\n'],
    ['a number to leave with', 'exit abc', 2, 'sh: 1: exit: Illegal number: abc\n'],
  ])('%s', (_what, script, exitCode, stderr) => {
    expect(run(script)).toEqual({ exitCode, stdout: '', stderr })
  })
})

describe('syntax that the shell does not know is refused, never guessed', () => {
  it.each([
    ['for i in 1 2; do echo $i; done', '"for" unexpected'],
    ['while true; do :; done', '"while" unexpected'],
    ['case x in x) ;; esac', '"case" unexpected'],
    ['f() { echo; }', '"(" unexpected'],
    ['echo a & echo b', '"&" unexpected'],
    ['echo $((1 + 1))', '"((" unexpected'],
    ['cat <<EOF', '"<<" unexpected'],
    [`echo \${A%x}`, 'Bad substitution'],
    [`echo \${A`, "Missing '}'"],
    ['echo `ls', 'EOF in backquote substitution'],
    ["echo 'a", 'Unterminated quoted string'],
    ['echo "a', 'Unterminated quoted string'],
    ['if true; then echo', 'end of file unexpected (expecting "fi")'],
    ['if true; fi', '"fi" unexpected (expecting "then")'],
    ['if ; then echo; fi', '";" unexpected'],
    ['{ echo a', 'end of file unexpected (expecting "}")'],
    ['{ }', '"}" unexpected'],
    ['(echo a', 'end of file unexpected (expecting ")")'],
    ['echo a | ', 'end of file unexpected'],
    ['| cat', '"|" unexpected'],
    ['echo >', 'end of file unexpected'],
    ['echo >&9', 'Bad fd number'],
    [`${'$('.repeat(60)}`, 'nested too deeply'],
  ])('%s', (script, message) => {
    const { exitCode, stdout, stderr } = run(script)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(`sh: 1: Syntax error: ${message}`)
  })
})

describe('small commands', () => {
  it.each([
    ['whoami; hostname; uname; uname -m', 'root\nip-10-0-0-10\nLinux\nx86_64\n'],
    ['date -u', 'Wed Nov 25 02:20:05 UTC 2026\n'],
    ['date -u +%Y-%m-%dT%H:%M:%SZ; date +%s', '2026-11-25T02:20:05Z\n1795573205\n'],
    ['command -v curl && command -v jq || echo none', '/usr/bin/curl\nnone\n'],
    ['/usr/bin/head -n 1 </dev/null; echo $?', '0\n'],
    ["echo 'a\\tb\\0101'; echo 'cut\\coff'; echo -e x", 'a\tbA\ncut-e x\n'],
    ['set -x; A=1; echo $A', '1\n'],
    ['{ cat; cat; } </dev/null; echo in | { head -n 1; cat; }', 'in\n'],
    ['echo $$ $# $0 "[$@]"', '1 0 sh []\n'],
  ])('%s', (script, stdout) => {
    expect(run(script)).toMatchObject({ exitCode: 0, stdout })
  })
  it.each([
    ['tr abc', 1, 'tr: '],
    ['tr z-a x', 1, 'tr: '],
    ['echo | cut -d ab -f 1', 1, 'cut: '],
    ['echo | cut -f x', 1, 'cut: '],
    ['head -n x', 1, 'head: '],
    ['grep', 2, 'Usage: grep'],
    ['grep -P x', 2, "grep: invalid option -- '-P'"],
    ["echo | grep '\\(a'", 2, 'grep: Unmatched ( or \\('],
    ["echo | grep '[a'", 2, 'grep: Unmatched ['],
    ["echo | grep '\\1'", 2, 'grep: Invalid back reference'],
    ["echo abab | grep '\\(ab\\)\\1'", 2, 'grep: Back references are not simulated'],
    ["echo | grep -E 'a{1,2001}'", 2, 'grep: Regular expression too big'],
    ["echo | sed 's/a/b'", 1, 'sed: -e expression #1: unterminated'],
    ["echo | sed 's/a/b/x'", 1, "sed: -e expression #1: unknown option to `s'"],
    ["echo | sed 's/a/\\1/'", 1, 'sed: -e expression #1: invalid reference \\1'],
    ["echo | sed 'y/a/b/'", 1, "sed: -e expression #1: unknown command: `y'"],
    ['printf', 2, 'sh: 1: printf: usage'],
    ['printf %x 12', 2, 'sh: 1: printf: %x: invalid directive'],
    ['printf %d abc', 1, 'sh: 1: printf: abc: expected numeric value'],
    ['[ a = a', 2, 'sh: 1: [: missing ]'],
    ['[ a -eq 1 ]', 2, 'sh: 1: [: Illegal number: a'],
    ['[ a b c ]', 2, 'sh: 1: [: b: unexpected operator'],
  ])('a small command fails as in a real shell: %s', (script, exitCode, stderr) => {
    const result = run(script)
    expect(result.exitCode).toBe(exitCode)
    expect(result.stderr).toContain(stderr)
  })
})
