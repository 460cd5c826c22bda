import { createHash } from 'node:crypto'
import { OWN_DOCUMENT } from '../../src/aws/calls.ts'
import { ownDocument } from '../../src/response/stages/verify-rotation/document.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { stepsOf } from '../../src/simulator/services/ssm/document-content.ts'

/** Puts the document that ir-cred prints into the account, or one of that name with other content. */
export const withOwnDocument = (built: BuiltScenario, content: object = ownDocument()): BuiltScenario => {
  const text = JSON.stringify(content, null, 2)
  const hash = createHash('sha256').update(text).digest('hex')
  const document = { name: OWN_DOCUMENT, content: text, steps: stepsOf(text), hash, createdAt: built.account.clock.now() }
  built.account.documents.set(OWN_DOCUMENT, document)
  return built
}

/** The same document with a line more in each step. */
export const otherDocument = () => {
  const { mainSteps, ...rest } = ownDocument()
  const more = mainSteps.map((step) => ({
    ...step,
    inputs: { ...step.inputs, runCommand: [...step.inputs.runCommand, 'echo more'] },
  }))
  return { ...rest, mainSteps: more }
}
