import type { KeptDocument } from '../../../incident/facts/evidence.ts'
import type { Evidence } from '../../../incident/facts/facts.ts'
import { recipientOf } from '../../../incident/facts/recipient.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { type Block, fields, list, text, warning } from '../../../incident/values/block.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import type { Unread } from '../optional-read.ts'
import type { EvidenceRead } from './evidence-read.ts'
import { functionDocuments } from './function-documents.ts'
import { roleDocument, userDocument } from './holder-documents.ts'
import { taskDocuments } from './task-documents.ts'

/** The evidence of a subject without an instance: reads only. What cannot be read is named, and holds nothing up. */
export const documentsOf = async (subject: Subject, context: Context): Promise<Evidence> => {
  const unread: Unread = []
  const documents: KeptDocument[] = []
  for (const { content, name, of, points } of await readAll(subject, context, unread))
    documents.push({ of, points, document: await context.keep(name, content) })
  return { snapshots: [], documents, ...given({ unread: unread.length > 0 ? unread : undefined }) }
}

const readAll = async (subject: Subject, context: Context, unread: Unread): Promise<readonly EvidenceRead[]> => {
  if (subject.kind !== 'role-session') return asList(await userDocument(subject, context, unread))
  const role = asList(await roleDocument(subject, context, unread))
  switch (recipientOf(subject).kind) {
    case 'lambda':
      return [...(await functionDocuments(subject, context, unread)), ...role]
    case 'ecs':
      return [...(await taskDocuments(subject, context, unread)), ...role]
    default:
      return role
  }
}

const asList = (document: EvidenceRead | undefined): readonly EvidenceRead[] => (document ? [document] : [])

/** AWS has nothing of these documents that could be looked at again: `ir-cred audit` checks the files. */
export const documentsStand = ({ documents = [] }: Evidence) => ({
  stands: true,
  says: `${documents.length} document${documents.length === 1 ? '' : 's'} in the evidence; \`ir-cred audit\` checks them`,
})

/** The evidence of a subject without an instance, in words. */
export const keptDocumentBlocks = ({ documents = [], unread = [] }: Evidence): readonly Block[] => [
  ...documents.flatMap(({ of, points, document }) => [
    fields(['kept', [...(Array.isArray(of) ? of : [of]), ` in ${document.file}`]], ...points),
  ]),
  ...(documents.length === 0 ? [warning('Nothing could be read of the subject, and nothing is kept.')] : []),
  ...(unread.length > 0 ? [text('Not in the evidence:'), list(unread)] : []),
]
