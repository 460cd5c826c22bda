import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { run } from './instance.ts'

const grown = (doublings: number) => `A=aaaaaaaaaaaaaaaa\n${'A="$A$A"\n'.repeat(doublings)}`

describe('a script that would never end, or fill the memory, is killed', () => {
  it.each([
    ['more than 10,000 commands', ':\n'.repeat(10_001)],
    ['more than 1 MB of output', `${grown(12)}${'echo "$A"\n'.repeat(17)}`],
    ['more than 1 MB through a pipe', `${grown(12)}${'echo "$A" | cat >/dev/null\n'.repeat(9)}`],
    ['a variable that doubles', grown(40)],
    ['a large pattern on a long text', `${grown(9)}echo "$A" | grep -E '(a?){300}(a?){300}b'`],
    ['many matches, each looked for in the whole rest', `${grown(9)}echo "$A" | sed 's/a\\(.*b\\)*/x/g'`],
    ['many large patterns', "echo a | grep -E '(a?){500}'\n".repeat(200)],
    ['a replacement that multiplies', `${grown(14)}echo "$A" | sed 's/a/${'b'.repeat(1_000)}/g' >/dev/null`],
    ['a format that multiplies', `${grown(13)}printf "$A%s" ${'1 '.repeat(500)}`],
  ])('%s', (_what, script) => {
    expect(run(script).exitCode).toBe(137)
  })
  it('keeps what was printed before', () => {
    expect(run(`echo first\n${grown(40)}`)).toMatchObject({ exitCode: 137, stdout: 'first\n' })
  })
  it('allows 10,000 commands', () => {
    expect(run(':\n'.repeat(10_000)).exitCode).toBe(0)
  })
})

describe('a pattern made to backtrack ends at once, because RE2 does not backtrack', () => {
  it.each([
    ['nested stars', `${grown(3)}echo "$A" | grep -E '(a*)*(a*)*(a*)*b'`, 1, ''],
    ['many stars', `${grown(8)}echo "$A" | sed -n 's/a*a*a*a*a*a*a*b/x/p'`, 0, ''],
  ])('%s', (_what, script, exitCode, stdout) => {
    expect(run(script)).toEqual({ exitCode, stdout, stderr: '' })
  })
})

describe('what is nested within reason runs', () => {
  it.each([
    ['substitutions', `${'echo $('.repeat(49)}echo x${')'.repeat(49)}`],
    ['groups', `${'{ '.repeat(49)}echo x${'; }'.repeat(49)}`],
    ['conditions', `${'if true; then '.repeat(49)}echo x${'; fi'.repeat(49)}`],
    ['parameters', `echo ${'${A:-'.repeat(49)}x${'}'.repeat(49)}`],
  ])('%s', (_what, script) => {
    expect(run(script)).toEqual({ exitCode: 0, stdout: 'x\n', stderr: '' })
  })
})

describe('nothing that is sent can break the interpreter', () => {
  it.each([
    ['nested groups', '{ '.repeat(5_000)],
    ['nested subshells', '('.repeat(5_000)],
    ['nested conditions', 'if '.repeat(5_000)],
    ['nested substitutions', 'echo $('.repeat(5_000)],
    ['nested parameters', `echo ${'${A:-'.repeat(5_000)}`],
    ['nested quotes', `echo ${'"${A:-'.repeat(5_000)}`],
    ['a long pipeline', `echo a${' | cat'.repeat(2_000)}`],
    ['a long list', `true${' && true'.repeat(5_000)}`],
    ['many arguments', `echo ${'a '.repeat(20_000)}`],
    ['a long pattern', `echo a | grep "${'a*'.repeat(2_000)}"`],
    ['a pattern that repeats itself', `echo a | grep -E '${'(a{1000}){1000}'.repeat(100)}'`],
    ['a deep pattern', `echo a | grep '${'\\('.repeat(100)}'`],
    ['many groups at work', `echo ${'ab'.repeat(5_000)} | grep -cE '^(ab)*$'`],
    ['many newlines', `A='${'\n'.repeat(50_000)}x'; B=$(echo "$A"); echo "\${#B}"`],
    ['a long sed script', `echo | sed '${'['.repeat(50_000)}'`],
  ])('%s', (_what, script) => {
    const { exitCode } = run(script)
    expect(exitCode).toBeGreaterThanOrEqual(0)
    expect(exitCode).toBeLessThan(256)
  })
  it('any script ends with an exit code', () => {
    const pieces = fc.constantFrom(
      ...[
        'echo ',
        'a',
        '$A',
        '"',
        "'",
        '`',
        '$(',
        ')',
        '{ ',
        ' }',
        ';',
        '\n',
        ' | ',
        ' && ',
        ' || ',
        '! ',
        'if ',
        ' then ',
        ' fi ',
        ' else ',
      ],
      ...[
        'A=',
        '${A:-',
        '}',
        ' >',
        ' 2>&1 ',
        '\\',
        '#',
        'set -eu;',
        'exit ',
        'sed ',
        's/a/b/g',
        ' grep -o ',
        '[',
        ' ]',
        'tr a b',
        '*',
        'é',
        '\0',
      ],
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 25 }), (script) => {
        const { exitCode } = run(script.join(''))
        expect(Number.isInteger(exitCode) && exitCode >= 0 && exitCode < 256).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
