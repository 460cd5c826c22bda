import { describe, expect, it } from 'vitest'
import { type ActivityState, activityFold } from '../../src/investigation/analysis/activity-fold.ts'
import { foldAll } from '../../src/investigation/analysis/fold.ts'
import { withDocumentsBefore } from '../../src/investigation/documents-before.ts'
import { principalName, type ReadRequest, type RecordSource } from '../../src/investigation/source.ts'
import { investigationOf } from './activity-builder.ts'
import { type Document, documentOf, read, after as secondsLater } from './records.ts'

/** As ir-cred writes a moment. */
const moment = (at: number): string => secondsLater(at).replace('.000Z', 'Z')
const TRUST = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"sts:AssumeRole"}]}'
const admin = {
  userIdentity: {
    ...{ type: 'IAMUser', principalId: 'AIDAALICE', arn: 'arn:aws:iam::111122223333:user/alice', userName: 'alice' },
    ...{ accountId: '111122223333', accessKeyId: 'AKIAALICE00000000001' },
  },
}
const trust = (at: number, parts: Document = {}): Document =>
  documentOf({
    ...{ eventSource: 'iam.amazonaws.com', eventName: 'UpdateAssumeRolePolicy', readOnly: false },
    requestParameters: { roleName: 'deploy', policyDocument: TRUST },
    ...{ eventTime: secondsLater(at), ...parts },
  })
const byAdmin = (at: number, parts: Document = {}): Document => trust(at, { ...admin, ...parts })
const changed = trust(0)

const holding = (documents: readonly Document[], asked: ReadRequest[]): RecordSource<ActivityState> => ({
  name: 'records',
  resourceQuestions: { most: 100 },
  read: async (request) => {
    asked.push(request)
    const states = new Map(
      request.questions.map((question) => {
        const records = documents.map((document) => read(document))
        return [principalName(question.principal), { question, state: foldAll(activityFold(question), records) }] as const
      }),
    )
    const report = { source: 'records', incomplete: [], limits: [], badFiles: [], calls: 0, files: 0, events: 0, bytes: 0 }
    return { states, report }
  },
})

const remedyOver = async (own: readonly Document[], others: readonly Document[], asked: ReadRequest[] = []) => {
  const source = holding([...own, ...others], asked)
  const reading = { signal: new AbortController().signal, progress: () => undefined }
  const { artefacts } = await withDocumentsBefore(await investigationOf(own), source, reading)
  return JSON.stringify(artefacts.map(({ remedy }) => remedy))
}

describe('the policy document that stood there before', () => {
  it('is the last one that somebody else wrote, and the remedy names its event and time', async () => {
    const others = [byAdmin(-90, { eventID: 'older' }), byAdmin(-60, { eventID: 'last' }), byAdmin(60, { eventID: 'later' })]
    for (const order of [others, others.toReversed()])
      expect(await remedyOver([changed], order)).toContain(`The document before: event last of ${moment(-60)}`)
  })

  it('may be the one that the role was made with', async () => {
    const requestParameters = { roleName: 'deploy', assumeRolePolicyDocument: TRUST }
    const made = byAdmin(-60, { eventName: 'CreateRole', eventID: 'made', requestParameters })
    expect(await remedyOver([changed], [made])).toContain('The document before: event made')
  })

  it.each([
    ['of another role', byAdmin(-60, { requestParameters: { roleName: 'other', policyDocument: TRUST } })],
    ['that was refused', byAdmin(-60, { errorCode: 'AccessDenied' })],
    ['in another account', byAdmin(-60, { recipientAccountId: '999988887777' })],
    ['of an inline policy', byAdmin(-60, { eventName: 'PutRolePolicy' })],
  ])('is not one %s', async (_, event) => {
    expect(await remedyOver([changed], [event])).toContain('The document before is not in the logs of the 90 days before.')
  })

  it('is not one that the session wrote itself', async () => {
    const first = trust(-10, { eventID: 'own' })
    expect(await remedyOver([first, changed], [byAdmin(-60, { eventID: 'last' })])).not.toContain('event own')
  })

  it('is looked for only where a document was written over, and 90 days back', async () => {
    const asked: ReadRequest[] = []
    await remedyOver([documentOf({ eventSource: 'iam.amazonaws.com', eventName: 'CreateUser', readOnly: false })], [], asked)
    expect(asked).toEqual([])
    await remedyOver([changed], [], asked)
    expect(asked.map(({ questions, range }) => [questions.map(({ principal }) => principal.value), range])).toEqual([
      [['deploy'], { from: moment(-90 * 86_400), until: moment(0) }],
    ])
  })
})
