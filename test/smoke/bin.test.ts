import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runBin } from '../support/run-bin.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

/** Node that says it is another version. */
const as = (node: string): string[] => [
  '--import',
  `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${node}"}})`,
]

/** The bin with a main of the test's own. */
const binWith = (main: string): string => {
  const bin = unbuilt()
  mkdirSync(join(bin, '../../dist'))
  writeFileSync(join(bin, '../../dist/main.js'), main)
  return bin
}

/** The bin in a folder where nothing has been built. */
const unbuilt = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ir-cred-unbuilt-'))
  for (const path of ['bin', 'package.json']) cpSync(path, join(folder, path), { recursive: true })
  return join(folder, 'bin/ir-cred.js')
}

describe('the bin', () => {
  it.each(['--version', '-V'])('%s prints the version of the package', (flag) => {
    expect(runBin([flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('--version answers where nothing is built', () => {
    expect(runBin(['--version'], { bin: unbuilt() })).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('says how to build it when it has not been built', () => {
    const { code, stdout, stderr } = runBin(['drill'], { bin: unbuilt() })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe('ir-cred has not been built yet. In its folder, run: npm run build\n')
  })

  it.each(['18.20.4', '20.18.3', '21.7.3', '22.12.0', '23.11.0'])('says which Node it needs on Node %s', (node) => {
    const { code, stdout, stderr } = runBin(['drill'], { node: as(node) })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(`ir-cred needs Node 20.19, 22.13, or 24 and later. This is Node ${node}.\n`)
  })

  it.each(['20.19.0', '22.13.0', '24.0.0', '26.1.0'])('goes on with Node %s', (node) => {
    expect(runBin(['drill'], { bin: unbuilt(), node: as(node) }).stderr).toContain('npm run build')
  })

  it('ends with the code that main gives', () => {
    expect(runBin([], { bin: binWith('export const main = async () => 6') }).code).toBe(6)
  })

  it('gives main the arguments, the environment and the streams', () => {
    const main =
      'export const main = async (argv, env, { stdout, stderr, stdin }) => (stdout.write(JSON.stringify([argv, typeof env.HOME, !!stderr, !!stdin])), 0)'
    expect(JSON.parse(runBin(['respond', '--json'], { bin: binWith(main) }).stdout)).toEqual([
      ['respond', '--json'],
      'string',
      true,
      true,
    ])
  })

  it.each([
    ['nothing is left to wait for', 'export const main = () => new Promise(() => undefined)'],
    ['main throws', "export const main = async () => { throw new Error('boom') }"],
    [
      'something throws that nobody waits for',
      "export const main = () => new Promise(() => setTimeout(() => { throw new Error('boom') }))",
    ],
    [
      'a promise fails that nobody waits for',
      "export const main = () => new Promise(() => { Promise.reject(new Error('boom')); setTimeout(() => undefined, 1e4) })",
    ],
    ['main cannot be loaded', "import 'nowhere-to-be-found'"],
  ])('ends with 1 when %s', (_, main) => {
    expect(runBin([], { bin: binWith(main) }).code).toBe(1)
  })

  it('tells an error nobody caught by its stack, with nothing that a terminal would obey', () => {
    const { stderr } = runBin([], {
      bin: binWith("export const main = async () => { throw new Error('boom \\u001b[2J\\u202e') }"),
    })
    expect(stderr).toMatch(/^\nError: boom \\u\{1b\}\[2J\\u\{202e\}\n {4}at main \(file:/)
    expect(stderr).toMatch(/\nir-cred: this is a bug.*\nexit 1\n$/)
    expect(stderr).not.toContain('export const main')
  })

  it('tells where in the sources it was thrown, as far as the bundle has a map', () => {
    const bin = binWith("export const main = async () => { throw new Error('boom') }")
    // All of the first line comes from the third character of the sixth line of src/main.ts.
    const map = { version: 3, names: [], sources: ['../src/main.ts'], mappings: 'AAKE' }
    writeFileSync(join(bin, '../../dist/main.js.map'), JSON.stringify(map))
    const { stderr } = runBin([], { bin })
    expect(stderr).toMatch(/\n {4}at main \(file:\S+\/src\/main\.ts:6:3\)\n/)
    expect(stderr).toMatch(/\n {4}at .*bin\/ir-cred\.js:\d+:\d+/)
  })
})
