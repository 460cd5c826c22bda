import {
  CreatePodIdentityAssociationCommand,
  type CreatePodIdentityAssociationRequest,
  DescribePodIdentityAssociationCommand,
  ListPodIdentityAssociationsCommand,
} from '@aws-sdk/client-eks'
import { isNotFound } from '../../../aws/failure.ts'
import { wholeList } from '../../../aws/pager.ts'
import type { AssociationValues } from '../../../incident/pod-association.ts'
import { given } from '../../../incident/values/given.ts'
import { arnOf } from '../../../incident/values/identifiers.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { type SettingChange, type SettingStanding, settingKind } from './settings.ts'

/** The association as it was deleted; a sentence where its copy is lost. */
const beforeImage = async ({ made, context }: SettingChange): Promise<AssociationValues | string> => {
  const ref = made.at(-1)?.planned.priorDocument
  if (ref === undefined) return 'what it was is not kept whole: something that looks like a secret was redacted from its copy'
  const text = await context.recall(ref)
  return text === undefined ? `its copy, ${ref.file}, is missing or was changed` : (JSON.parse(text) as AssociationValues)
}

const placeOf = ({ effect }: SettingChange) => ({
  clusterName: String(effect.parameters?.clusterName),
  id: String(effect.parameters?.associationId),
  region: arnOf(effect.resource)?.region ?? '',
})

/** One association of the same service account can be there at a time: the same again, or somebody else's. */
const read = async (change: SettingChange): Promise<SettingStanding> => {
  const { clusterName, region } = placeOf(change)
  const before = await beforeImage(change)
  if (typeof before === 'string') return 'ours'
  const { eks } = change.context.aws(region)
  const { namespace, serviceAccount } = before
  try {
    const [standing] = await wholeList(`associations of cluster ${clusterName}`, async (token) => {
      const of = given({ namespace, serviceAccount, nextToken: token })
      const page = await eks.send(new ListPodIdentityAssociationsCommand({ clusterName, ...of }))
      return { items: page.associations, next: page.nextToken }
    })
    if (!standing) return 'ours'
    const asked = new DescribePodIdentityAssociationCommand({ clusterName, associationId: standing.associationId })
    const { association } = await eks.send(asked)
    const isSame = association?.roleArn === before.roleArn && association?.targetRoleArn === before.targetRoleArn
    return isSame ? 'as before' : 'changed'
  } catch (error) {
    if (isNotFound(error)) return 'gone'
    throw error
  }
}

/** An association of EKS Pod Identity that the response deleted: it is created again with the same values, under a new id. */
export const podAssociation = settingKind({
  operation: 'eks:DeletePodIdentityAssociation',
  what: (change) => `association ${placeOf(change).id} of cluster ${placeOf(change).clusterName}`,
  read,
  back: async (change) => {
    const before = await beforeImage(change)
    if (typeof before === 'string') return before
    const { clusterName, namespace, serviceAccount, roleArn, targetRoleArn, disableSessionTags, policy, tags } = before
    const parameters = {
      ...given({ clusterName, namespace, serviceAccount, roleArn, targetRoleArn, policy }),
      ...given({ disableSessionTags: disableSessionTags || undefined }),
      ...given({ tags: tags && Object.keys(tags).length > 0 ? tags : undefined }),
    }
    return {
      operation: 'eks:CreatePodIdentityAssociation',
      parameters,
      client: change.context.aws(placeOf(change).region).eks,
      command: new CreatePodIdentityAssociationCommand(parameters as CreatePodIdentityAssociationRequest),
      sentence: `create association ${placeOf(change).id} of cluster ${clusterName} again, with the same values and a new id`,
    }
  },
  lifted: 'it is there again, with the same values and a new id',
  cost: 'the pods of its service account get credentials of the role again, and so does whoever is in one of them',
  gone: 'its cluster is not there any more',
  again: (change) => {
    const { clusterName, region } = placeOf(change)
    const list = `eks list-pod-identity-associations --cluster-name ${shellWord(clusterName)}`
    return { words: list, region }
  },
})
