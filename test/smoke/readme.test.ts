import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { codeIn } from '../support/markdown.ts'
import { runBin } from '../support/run-bin.ts'

/** The commands of a help text: the first words of the lines under "Commands:". */
const commandsIn = (help: string): string[] =>
  [...(help.split(/^Commands:$/m)[1] ?? '').matchAll(/^ {2}([a-z][\w-]*)/gm)].map((match) => match[1] ?? '')

/** Commands that a text shows as code and ir-cred does not have. */
const unknownCommands = (text: string, commands: readonly string[]): string[] => {
  const named = [...codeIn(text).matchAll(/\bir-cred(?:\.js)? ([a-z][\w-]*)/g)].map((match) => match[1] ?? '')
  return [...new Set(named)].filter((command) => !commands.includes(command))
}

describe('the README', () => {
  it('begins with the two commands for a fresh machine', () => {
    const [start, test] = ['npm ci && npm start', 'npm ci && npm test'].map((command) =>
      readFileSync('README.md', 'utf8').indexOf(command),
    )
    expect(start).toBeGreaterThan(0)
    expect(test).toBeGreaterThan(0)
    expect(Math.max(start ?? 0, test ?? 0)).toBeLessThan(1_500)
  })

  it('shows only commands that exist', () => {
    const { code, stdout } = runBin(['--help'])
    expect(code).toBe(0)
    const commands = commandsIn(stdout)
    expect(commands).toContain('respond')
    expect(unknownCommands(readFileSync('README.md', 'utf8'), commands)).toEqual([])
    expect(
      unknownCommands('run `ir-cred respond`, then\n```\nnode bin/ir-cred.js rescue --all\n```\nas ir-cred does', ['respond']),
    ).toEqual(['rescue'])
  })
})
