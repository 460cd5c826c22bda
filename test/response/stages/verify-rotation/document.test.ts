import { DescribeDocumentCommand, GetDocumentCommand, SSMClient } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, it } from 'vitest'
import { OWN_DOCUMENT } from '../../../../src/aws/calls.ts'
import {
  chooseDocument,
  documentBlocks,
  documentInput,
  ownDocument,
} from '../../../../src/response/stages/verify-rotation/document.ts'
import { scriptFor } from '../../../../src/response/stages/verify-rotation/script.ts'
import { blockText } from '../../../support/block-text.ts'
import { mockClient } from '../../../support/mock-client.ts'
import { awsError, contextsOf } from '../../../support/stage-context.ts'

const ssm = mockClient(SSMClient)
const { contextLike } = contextsOf({ ssm: SSMClient })
const HASH = 'ab'.repeat(32)

const described = (parts: object = {}) =>
  ssm.on(DescribeDocumentCommand).resolves({
    Document: {
      Name: OWN_DOCUMENT,
      Owner: '111122223333',
      Status: 'Active',
      DocumentType: 'Command',
      DocumentVersion: '3',
      Hash: HASH,
      HashType: 'Sha256',
      ...parts,
    },
  })

const holding = (Content: string) => ssm.on(GetDocumentCommand).resolves({ Content })

const chosen = () => chooseDocument('us-east-1', contextLike())

/** The document as Terraform's jsonencode writes it: members in the order of their names. */
const sorted = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? Array.isArray(value)
      ? value.map(sorted)
      : value
    : Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, member]) => [name, sorted(member)]),
      )

beforeEach(() => void ssm.reset())

describe('your own document', () => {
  it('runs the fixed script on Linux and Windows, and takes no parameters', () => {
    const { mainSteps, ...rest } = ownDocument()
    expect(rest).toEqual({ schemaVersion: '2.2', description: expect.stringContaining('Never prints the secret') })
    expect(mainSteps.map(({ name, inputs }) => [name, inputs.runCommand])).toEqual([
      ['linux', scriptFor('linux').commands],
      ['windows', scriptFor('windows').commands],
    ])
    // Systems Manager would replace it before the script runs.
    expect(JSON.stringify(mainSteps)).not.toContain('{{')
  })

  it.each([
    ['as it was printed', JSON.stringify(ownDocument(), null, 2)],
    ['with its members in another order', JSON.stringify(sorted(ownDocument()))],
  ])('is used in the version that was read, by its hash: %s', async (_, content) => {
    described()
    holding(content)
    const document = await chosen()
    expect(document).toEqual({ of: 'you', version: '3', hash: HASH })
    expect(documentInput(document, 'linux')).toEqual({
      DocumentName: OWN_DOCUMENT,
      DocumentVersion: '3',
      DocumentHash: HASH,
      DocumentHashType: 'Sha256',
    })
    expect(ssm.commandCalls(GetDocumentCommand)[0]?.args[0].input).toMatchObject({ DocumentVersion: '3' })
    expect(blockText(documentBlocks(document, 'linux'))).toContain(`${OWN_DOCUMENT}, version 3 (SHA-256 ${HASH})`)
  })

  it('is sent without a hash where Systems Manager gives none that it could check', async () => {
    described({ Hash: 'odd; hash', HashType: 'Sha256' })
    holding(JSON.stringify(ownDocument()))
    expect(await chosen()).toEqual({ of: 'you', version: '3' })
  })
})

describe('AWS’s document is used, and the question says why, where your own', () => {
  const why = async () => {
    const document = await chosen()
    expect(documentInput(document, 'windows')).toMatchObject({ DocumentName: 'AWS-RunPowerShellScript' })
    return blockText(documentBlocks(document, 'windows'))
  }
  const changed = { ...ownDocument(), mainSteps: ownDocument().mainSteps.map((step) => ({ ...step, name: 'other' })) }

  it('is not there', async () => {
    ssm.on(DescribeDocumentCommand).rejects(awsError('InvalidDocument'))
    expect(await why()).toMatch(
      /AWS-RunPowerShellScript: your account has no document IrCred-.* in us-east-1; `ir-cred policy --document`/,
    )
  })

  it.each([
    ['has other content', {}, JSON.stringify(changed), /is not used: version 3 has other content/],
    ['has one line more', {}, JSON.stringify({ ...ownDocument(), parameters: {} }), /other content/],
    ['is not JSON', {}, 'schemaVersion: "2.2"', /other content/],
    ['belongs to somebody else', { Owner: '444455556666' }, JSON.stringify(ownDocument()), /belongs to another account/],
    ['is not active yet', { Status: 'Creating' }, JSON.stringify(ownDocument()), /not an active Command document/],
    ['is of another kind', { DocumentType: 'Automation' }, JSON.stringify(ownDocument()), /not an active Command document/],
    [
      'has a version that is none',
      { DocumentVersion: '$LATEST' },
      JSON.stringify(ownDocument()),
      /not an active Command document/,
    ],
  ])('%s, with a warning', async (_, parts, content, words) => {
    described(parts)
    holding(content)
    expect(await why()).toMatch(words)
    expect(documentBlocks(await chosen(), 'linux')).toMatchObject([{ type: 'warning' }])
  })

  it('cannot be read', async () => {
    ssm.on(DescribeDocumentCommand).rejects(awsError('AccessDeniedException'))
    expect(await why()).toMatch(/whether your account has document IrCred-.* is not known: ssm:DescribeDocument is denied/)
    described()
    ssm.on(GetDocumentCommand).rejects(awsError('AccessDeniedException'))
    expect(await why()).toMatch(/what document IrCred-.* runs is not known: ssm:GetDocument is denied/)
  })
})
