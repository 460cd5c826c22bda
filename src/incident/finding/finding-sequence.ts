import { given } from '../values/given.ts'
import { isInstanceId, isRoleName, roleOfArn } from '../values/identifiers.ts'
import { quoted } from '../values/quoted.ts'
import type { Finding } from './finding.ts'
import { type CredentialMembers, credentialFrom, type FindingCredential } from './finding-credential.ts'
import { addressIn } from './finding-instance.ts'
import { at, itemsOf, type Member, type Remark, refusal, wordOf } from './member.ts'

const nothing: Member = { path: '', value: undefined }

const either = (first: Member, second: Member): Member => (first.value === undefined ? second : first)

/** For a role session, Session.Issuer is the role's ARN; User.Name need not be the role's name. */
const ownerOf = (actor: Member): Member => {
  const issuer = at(actor, 'session', 'issuer')
  const role = roleOfArn(wordOf(issuer))?.roleName
  const name = at(actor, 'user', 'name')
  if (role !== undefined) return { path: issuer.path, value: role }
  return typeof name.value === 'string' && isRoleName(name.value) ? name : nothing
}

const credentialOfActor = (actor: Member): CredentialMembers => ({
  accessKeyId: at(actor, 'user', 'credentialUid'),
  principalId: at(actor, 'user', 'uid'),
  userName: ownerOf(actor),
  userType: at(actor, 'user', 'type'),
})

const credentialOfResource = (resource: Member): CredentialMembers => ({
  accessKeyId: at(resource, 'uid'),
  principalId: at(resource, 'data', 'accessKey', 'principalId'),
  userName: at(resource, 'data', 'accessKey', 'userName'),
  userType: at(resource, 'data', 'accessKey', 'userType'),
})

const resourcesOf = (sequence: Member, type: string): readonly Member[] =>
  itemsOf(at(sequence, 'resources')).filter((resource) => at(resource, 'resourceType').value === type)

/** One entry a credential: an actor and the ACCESS_KEY resource with its key are the same. */
const credentialsIn = (sequence: Member): readonly CredentialMembers[] => {
  const actors = itemsOf(at(sequence, 'actors'))
    .filter((actor) => at(actor, 'user').value !== undefined)
    .map(credentialOfActor)
  const found = new Map<unknown, CredentialMembers>()
  for (const members of [...actors, ...resourcesOf(sequence, 'ACCESS_KEY').map(credentialOfResource)]) {
    const id = members.accessKeyId.value ?? members.principalId.value ?? members.userName.value
    const known = found.get(id) ?? members
    found.set(id, {
      accessKeyId: either(known.accessKeyId, members.accessKeyId),
      principalId: either(known.principalId, members.principalId),
      userName: either(known.userName, members.userName),
      userType: either(known.userType, members.userType),
    })
  }
  return [...found.values()]
}

/** Some exports keep the actor only in the text: "… for IAMUser/name with principalId AIDA… in account …". */
const credentialInText = (finding: Member): CredentialMembers | undefined => {
  const description = at(finding, 'description')
  const parts = /\b(\w{4,32})\/((?:aws:ec2-)?[\w+=,.@-]{1,64}) with principalId ([\w+=,.@:-]{1,128})/.exec(wordOf(description))
  if (parts === null) return undefined
  const part = (index: number): Member => ({ path: description.path, value: parts[index] })
  return { accessKeyId: nothing, principalId: part(3), userName: part(2), userType: part(1) }
}

const labelOf = ({ accessKeyId, userName }: CredentialMembers): string =>
  `${quoted(accessKeyId.value ?? 'no key')} of ${quoted(userName.value ?? 'somebody without a name')}`

/** The actor that was asked for, or the first one, and the others. Throws a Failure where none has the key that was asked for. */
const chosen = (
  all: readonly CredentialMembers[],
  accessKeyId: string | undefined,
  remark: Remark,
): { readonly actor: CredentialMembers | undefined; readonly others: readonly CredentialMembers[] } => {
  const actor = accessKeyId === undefined ? all[0] : all.find((one) => one.accessKeyId.value === accessKeyId)
  const labels = all.map(labelOf).join(', ')
  if (all.length > 1 && actor) remark(`The attack sequence has ${all.length} actors: ${labels}.`)
  if (actor || all.length === 0) return { actor, others: all.filter((one) => one !== actor) }
  throw refusal(
    `The attack sequence has ${all.length === 1 ? 'one actor' : `${all.length} actors`}, and none with the key asked for`,
    `${all.length === 1 ? 'its key is' : 'their keys are'} ${labels}`,
    'Name one of these keys with --access-key-id, or none: the response begins with the first, and names the others.',
  )
}

/**
 * The credential of an attack sequence finding ("GuardDuty attack sequence finding types"), which names it nowhere but among its
 * actors and resources: of the actor with this key, or of the first one. The other actors stand beside it.
 */
export const credentialOfSequence = (
  finding: Member,
  accessKeyId: string | undefined,
  remark: Remark,
): FindingCredential & Pick<Finding, 'otherActors'> => {
  const sequence = at(finding, 'service', 'detection', 'sequence')
  const { actor, others } = chosen(credentialsIn(sequence), accessKeyId, remark)
  const members = actor ?? credentialInText(finding)
  if (members === undefined) remark('The attack sequence names no credential.')
  else if (actor === undefined)
    remark("Whose credential it is was taken from the finding's description; the finding names no actor.")
  if (members === undefined) return { userType: 'Unknown' }
  const otherActors = others.map((one) => {
    const { accessKeyId: key, principalId, userName } = credentialFrom(one, remark)
    return given({ accessKeyId: key, principalId, userName })
  })
  return { ...credentialFrom(members, remark), ...given({ otherActors: otherActors.length > 0 ? otherActors : undefined }) }
}

/** The instance of an attack sequence, when it names exactly one, by id or by ARN; several are only remarked on. */
export const instanceOfSequence = (finding: Member, remark: Remark): Pick<Finding, 'instanceId'> => {
  const sequence = at(finding, 'service', 'detection', 'sequence')
  const uids = resourcesOf(sequence, 'EC2_INSTANCE').map((resource) => wordOf(at(resource, 'uid')))
  const ids = [...new Set(uids.map((uid) => uid.slice(uid.lastIndexOf('/') + 1)).filter(isInstanceId))]
  if (ids.length > 1) remark(`The attack sequence names ${ids.length} instances: ${ids.slice(0, 20).join(', ')}.`)
  return ids.length === 1 && ids[0] !== undefined ? { instanceId: ids[0] } : {}
}

/**
 * The addresses that an attack sequence was seen from: of the endpoints that its signals tie to the credential, where they say so, else of
 * all its endpoints.
 */
export const endpointsOfSequence = (
  finding: Member,
  credential: FindingCredential,
  remark: Remark,
): Pick<Finding, 'endpoints'> => {
  const sequence = at(finding, 'service', 'detection', 'sequence')
  const all = itemsOf(at(sequence, 'endpoints'))
  const tied = endpointIdsOf(sequence, credential)
  const own = all.filter((endpoint) => tied.has(at(endpoint, 'id').value))
  const addresses = (own.length > 0 ? own : all).map((one) => addressIn(at(one, 'ip')) ?? addressIn(at(one, 'id')))
  const endpoints = [...new Set(addresses.filter((address) => address !== undefined))]
  if (endpoints.length === 0) return {}
  remark(`The attack sequence was seen from ${endpoints.slice(0, 20).join(', ')}.`)
  return { endpoints }
}

/** The endpoints of the signals in which the credential's actor has a part. */
const endpointIdsOf = (sequence: Member, { accessKeyId, principalId }: FindingCredential): ReadonlySet<unknown> => {
  const actors = itemsOf(at(sequence, 'actors'))
    .filter((actor) => {
      const key = at(actor, 'user', 'credentialUid').value
      return key === undefined ? at(actor, 'user', 'uid').value === principalId : key === accessKeyId
    })
    .map((actor) => at(actor, 'id').value)
  const signals = itemsOf(at(sequence, 'signals')).filter((signal) =>
    itemsOf(at(signal, 'actorIds')).some(({ value }) => actors.includes(value)),
  )
  return new Set(signals.flatMap((signal) => itemsOf(at(signal, 'endpointIds')).map(({ value }) => value)))
}
