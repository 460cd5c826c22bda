import { createHash } from 'node:crypto'
import type {
  CreateDocumentRequest,
  CreateDocumentResult,
  DescribeDocumentRequest,
  DescribeDocumentResult,
  DocumentDescription,
  GetDocumentRequest,
  GetDocumentResult,
} from '@aws-sdk/client-ssm'
import type { Account } from '../../account/account.ts'
import type { SsmDocument } from '../../account/ssm-document.ts'
import { timeIn } from '../../agenda.ts'
import { operation } from '../../service.ts'
import { stepsOf } from './document-content.ts'
import { documentArn, refuseOtherVersion } from './documents.ts'
import { refused } from './refused.ts'

const asked =
  (action: string) =>
  (account: Account, { Name }: { readonly Name?: string | undefined }) => [{ action, resource: documentArn(account, Name) }]

/** Of AWS's own documents only the running is simulated. */
const ownDocument = ({ documents }: Account, nameOrArn = ''): SsmDocument => {
  const name = nameOrArn.replace(/^arn:.*:document\//, '')
  const document = documents.get(name)
  if (!document) throw refused('InvalidDocument', `Document with name ${name} does not exist.`)
  return document
}

const descriptionOf = ({ id }: Account, { name, hash, createdAt, steps }: SsmDocument): DocumentDescription => ({
  Name: name,
  Owner: id,
  Hash: hash,
  HashType: 'Sha256',
  CreatedDate: new Date(createdAt),
  Status: 'Active',
  DocumentVersion: '1',
  LatestVersion: '1',
  DefaultVersion: '1',
  DocumentType: 'Command',
  DocumentFormat: 'JSON',
  SchemaVersion: '2.2',
  PlatformTypes: [...new Set(steps.flatMap(({ platform }) => platform ?? []))],
  Parameters: [],
  Tags: [],
})

/** CreateDocument of a Command document in JSON. */
const createDocument = operation<CreateDocumentRequest, CreateDocumentResult>({
  authorize: asked('ssm:CreateDocument'),
  run: (account, { Name = '', Content = '', DocumentType, DocumentFormat = 'JSON' }) => {
    // "You can't use the following strings as document name prefixes": CreateDocument, Name.
    if (/^(aws|amazon|amzn|awsec2|awsconfigremediation|awssupport)/i.test(Name))
      throw refused('ValidationException', `The document name ${Name} is reserved by AWS.`)
    if (DocumentType !== 'Command' || DocumentFormat !== 'JSON')
      throw refused('InvalidDocumentContent', 'The simulated account knows Command documents in JSON only.')
    if (account.documents.has(Name)) throw refused('DocumentAlreadyExists', 'The specified document already exists.')
    const hash = createHash('sha256').update(Content).digest('hex')
    const document = { name: Name, content: Content, steps: stepsOf(Content), hash, createdAt: timeIn(account) }
    account.documents.set(Name, document)
    return { DocumentDescription: { ...descriptionOf(account, document), Status: 'Creating' } }
  },
  writes: true,
})

const describeDocument = operation<DescribeDocumentRequest, DescribeDocumentResult>({
  authorize: asked('ssm:DescribeDocument'),
  run: (account, { Name, DocumentVersion }) => {
    const document = ownDocument(account, Name)
    refuseOtherVersion({ ...document, takesCommands: false }, { DocumentVersion })
    return { Document: descriptionOf(account, document) }
  },
  writes: false,
})

const getDocument = operation<GetDocumentRequest, GetDocumentResult>({
  authorize: asked('ssm:GetDocument'),
  run: (account, { Name, DocumentVersion, DocumentFormat = 'JSON' }) => {
    const document = ownDocument(account, Name)
    refuseOtherVersion({ ...document, takesCommands: false }, { DocumentVersion })
    if (DocumentFormat !== 'JSON')
      throw refused('UnsupportedDocumentFormat', 'The simulated account gives documents as JSON only.')
    const { name, content, createdAt } = document
    return {
      Name: name,
      Content: content,
      CreatedDate: new Date(createdAt),
      DocumentVersion: '1',
      Status: 'Active',
      DocumentType: 'Command',
      DocumentFormat: 'JSON',
    }
  },
  writes: false,
})

/** Run Command documents that the account owns. Each has one version. */
export const documentOperations = {
  CreateDocument: createDocument,
  DescribeDocument: describeDocument,
  GetDocument: getDocument,
}
