import { describe, expect, it } from 'vitest'
import { OWN_DOCUMENT } from '../../src/aws/calls.ts'
import type { Effect } from '../../src/incident/entry.ts'
import { ownDocument } from '../../src/response/stages/verify-rotation/document.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { buildQuick, changesIn, EACH_ONCE } from '../laws/whole-run.ts'
import { blockText } from '../support/block-text.ts'
import { otherDocument, withOwnDocument } from '../support/own-document.ts'
import { type MemoryRan, runInMemory, yes } from '../support/run-in-memory.ts'

const documentsSent = ({ account }: BuiltScenario): readonly string[] =>
  [...account.commands.values()].map(({ documentName }) => documentName)

const sendingsApproved = ({ journal }: MemoryRan): readonly Effect[] =>
  journal.flatMap((entry) => (entry.type === 'approved' && entry.stage === 'verify-rotation' ? entry.effects : []))

const said = ({ events }: MemoryRan): string =>
  events
    .map((event) => (event.type === 'described' && event.stage === 'verify-rotation' ? blockText(event.blocks) : ''))
    .join('\n')

describe('a response in an account that has the document', () => {
  it('verifies the rotation with it, sends no text of its own, and ends as with AWS’s', async () => {
    const built = withOwnDocument(await buildQuick())
    const ran = await runInMemory({ built, proofWait: 0 })
    expect(ran.result).toMatchObject({ exitCode: 0, incident: { facts: { rotation: { verdict: 'renewed' } } } })
    expect(documentsSent(built)).toEqual([OWN_DOCUMENT])
    expect(sendingsApproved(ran)).toMatchObject([
      {
        sentence: expect.stringContaining(`with your document ${OWN_DOCUMENT}, version 1`),
        parameters: { DocumentVersion: '1' },
      },
    ])
    expect(JSON.stringify(sendingsApproved(ran))).not.toContain('169.254')
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })

  it('names in a dry run the document that would be used', async () => {
    expect(said(await runInMemory({ built: withOwnDocument(await buildQuick()), dryRun: true, proofWait: 0 }))).toContain(
      `your document ${OWN_DOCUMENT}, version 1`,
    )
    expect(said(await runInMemory({ built: await buildQuick(), dryRun: true, proofWait: 0 }))).toContain(
      'is sent with AWS-RunShellScript',
    )
  })

  it('warns of a document of that name with other content, which is not run', async () => {
    const built = withOwnDocument(await buildQuick(), otherDocument())
    const ran = await runInMemory({ built, proofWait: 0 })
    expect(documentsSent(built)).toEqual(['AWS-RunShellScript'])
    expect(said(ran)).toContain(`document ${OWN_DOCUMENT} is not used: version 1 has other content`)
    expect(ran.result.exitCode).toBe(0)
  })

  it('is asked again when the document changes between the answer and the sending', async () => {
    const built = withOwnDocument(await buildQuick())
    const ran = await runInMemory({
      built,
      proofWait: 0,
      responder: {
        ...yes,
        approve: async (question) => {
          if (question.stage === 'verify-rotation') withOwnDocument(built, otherDocument())
          return yes.approve(question)
        },
      },
    })
    expect(sendingsApproved(ran).map(({ parameters }) => parameters?.DocumentName)).toEqual([OWN_DOCUMENT, 'AWS-RunShellScript'])
    expect(documentsSent(built)).toEqual(['AWS-RunShellScript'])
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })

  it('understands the answer to a command that an earlier run sent with the other document', async () => {
    const built = await buildQuick()
    const first = await runInMemory({ built, proofWait: 0 })
    withOwnDocument(built, ownDocument())
    const again = await runInMemory({ built, journal: [...first.journal], proofWait: 0 })
    expect(again.result).toMatchObject({ exitCode: 0 })
    expect(documentsSent(built)).toEqual(['AWS-RunShellScript'])
  })
})
