import type { SsmDocumentStep } from '../../account/ssm-document.ts'
import { refused } from './refused.ts'

const PLATFORMS = { 'aws:runShellScript': 'Linux', 'aws:runPowerShellScript': 'Windows' } as const

const unfit = (what: string): Error => refused('InvalidDocumentContent', `The content of the document is not valid: ${what}.`)

const objectOf = (value: unknown, what: string): Readonly<Record<string, unknown>> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
  throw unfit(`${what} is not an object`)
}

const isPlatform = (name: string): name is 'Linux' | 'Windows' => name === 'Linux' || name === 'Windows'

/** `{"StringEquals": ["platformType", "Linux"]}`: the only kind of precondition there is ("Command document data elements"). */
const preconditionOf = (step: Readonly<Record<string, unknown>>): 'Linux' | 'Windows' | undefined => {
  if (step.precondition === undefined) return undefined
  const { StringEquals } = objectOf(step.precondition, 'a precondition')
  const [key, platform] = Array.isArray(StringEquals) ? StringEquals : []
  if (key !== 'platformType' || typeof platform !== 'string' || !isPlatform(platform)) throw unfit('a precondition is not known')
  return platform
}

const stepOf = (value: unknown): SsmDocumentStep => {
  const step = objectOf(value, 'a step')
  const { action, name } = step
  if (typeof name !== 'string' || !/^[\w-]+$/.test(name)) throw unfit('a step has no name')
  if (action !== 'aws:runShellScript' && action !== 'aws:runPowerShellScript')
    throw unfit(`the simulated agents know no action ${String(action)}`)
  const { runCommand } = objectOf(step.inputs, 'inputs')
  if (!Array.isArray(runCommand) || !runCommand.every((line) => typeof line === 'string')) throw unfit('a step runs nothing')
  if (runCommand.some((line) => line.includes('{{'))) throw unfit('it uses a parameter that it does not define')
  return { name, platform: preconditionOf(step) ?? PLATFORMS[action], commands: runCommand }
}

const contentOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw unfit('it is not JSON')
  }
}

/** The steps of a Command document of schema 2.2 that takes no parameters. Throws InvalidDocumentContent for any other. */
export const stepsOf = (text: string): readonly SsmDocumentStep[] => {
  const { schemaVersion, mainSteps, parameters } = objectOf(contentOf(text), 'the document')
  if (schemaVersion !== '2.2') throw unfit('the simulated account knows schemaVersion 2.2 only')
  if (parameters !== undefined) throw unfit('the simulated account knows documents without parameters only')
  if (!Array.isArray(mainSteps) || mainSteps.length === 0) throw unfit('it has no mainSteps')
  const steps = mainSteps.map(stepOf)
  if (new Set(steps.map(({ name }) => name)).size < steps.length) throw unfit('two steps have one name')
  return steps
}
