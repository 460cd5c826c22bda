import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a program prints, or undefined when it is not here or fails. */
export const outputOf = (command: string, args: readonly string[]): string | undefined => {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** The Python interpreter itself: what PATH finds may be a script that looks for it, at a cost. */
export const findPython = (): string | undefined => outputOf('python3', ['-c', 'import sys; print(sys.executable)'])

/** The aws CLI itself, if possible that beside the interpreter. */
export const findAws = (python: string | undefined): string | undefined => {
  const beside = python === undefined ? '' : join(dirname(python), 'aws')
  const aws = existsSync(beside) ? beside : 'aws'
  return outputOf(aws, ['--version']) === undefined ? undefined : aws
}
