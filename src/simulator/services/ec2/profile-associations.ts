import type {
  AssociateIamInstanceProfileRequest,
  AssociateIamInstanceProfileResult,
  DescribeIamInstanceProfileAssociationsRequest,
  DescribeIamInstanceProfileAssociationsResult,
  DisassociateIamInstanceProfileRequest,
  DisassociateIamInstanceProfileResult,
  IamInstanceProfileAssociation,
  IamInstanceProfileSpecification,
  ReplaceIamInstanceProfileAssociationRequest,
  ReplaceIamInstanceProfileAssociationResult,
} from '@aws-sdk/client-ec2'
import { given } from '../../../incident/values/given.ts'
import type { Account, Instance } from '../../account/account.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { issueAtRefresh, roleOfInstance } from '../../issue-credentials.ts'
import { operation } from '../../service.ts'
import { type FilterFields, filtered } from './filters.ts'
import { ec2Page, instanceNamed, onInstances } from './found.ts'
import { associationId, profileOf } from './instance-shape.ts'

const fields: FilterFields<Instance> = {
  'instance-id': ({ id }) => [id],
  state: () => ['associated'],
}

const associationOf = (
  account: Account,
  instance: Instance,
  State: IamInstanceProfileAssociation['State'],
): IamInstanceProfileAssociation => ({
  AssociationId: associationId(instance),
  InstanceId: instance.id,
  ...given({ IamInstanceProfile: profileOf(account, instance) }),
  State,
})

/** DescribeIamInstanceProfileAssociations: which instance holds which profile. */
export const describeIamInstanceProfileAssociations = operation<
  DescribeIamInstanceProfileAssociationsRequest,
  DescribeIamInstanceProfileAssociationsResult
>({
  run: (account, input) => {
    const { AssociationIds = [], Filters } = input
    const holders = [...account.instances.values()].filter(
      (instance) =>
        instance.state !== 'terminated' &&
        profileOf(account, instance) !== undefined &&
        (AssociationIds.length === 0 || AssociationIds.includes(associationId(instance))),
    )
    const shown = filtered(holders, Filters, fields)
    const { items, end } = ec2Page(account, shown, ({ id }) => id, input)
    const associated = items.map((instance) => associationOf(account, instance, 'associated'))
    return { IamInstanceProfileAssociations: associated, ...end }
  },
  writes: false,
})

const holderOf = (account: Account, id: string | undefined): Instance => {
  const holder = [...account.instances.values()].find(
    (instance) => instance.profileName !== undefined && associationId(instance) === id,
  )
  if (holder) return holder
  throw new ServiceError('NoSuchAssociation', `An invalid association-id of '${id}' was given`)
}

/** The name of a profile that is given by its name or its ARN. */
const profileAsked = (account: Account, { Name, Arn }: IamInstanceProfileSpecification = {}): string => {
  const name = Name ?? Arn?.split('/').at(-1) ?? ''
  if (account.instanceProfiles.has(name)) return name
  throw new ServiceError('InvalidParameterValue', `Value (${name}) for parameter iamInstanceProfile.name is invalid.`)
}

/** Puts a profile onto an instance, whose metadata service then delivers credentials of its role. */
const hold = (account: Account, instance: Instance, profileName: string): void => {
  instance.profileName = profileName
  if (roleOfInstance(account, instance) && instance.state === 'running') issueAtRefresh(account, instance, timeIn(account))
}

export const associateIamInstanceProfile = operation<AssociateIamInstanceProfileRequest, AssociateIamInstanceProfileResult>({
  authorize: (account, { InstanceId = '' }) => onInstances(account, 'ec2:AssociateIamInstanceProfile', [InstanceId]),
  run: (account, { InstanceId, IamInstanceProfile }) => {
    const instance = instanceNamed(account, InstanceId)
    if (instance.profileName !== undefined)
      throw new ServiceError('IncorrectState', `There is an existing association for instance ${instance.id}`)
    hold(account, instance, profileAsked(account, IamInstanceProfile))
    return { IamInstanceProfileAssociation: associationOf(account, instance, 'associating') }
  },
  writes: true,
})

/** Credentials that were delivered before stay good until they expire. */
export const disassociateIamInstanceProfile = operation<
  DisassociateIamInstanceProfileRequest,
  DisassociateIamInstanceProfileResult
>({
  run: (account, { AssociationId }) => {
    const instance = holderOf(account, AssociationId)
    const association = associationOf(account, instance, 'disassociating')
    delete instance.profileName
    return { IamInstanceProfileAssociation: association }
  },
  writes: true,
})

export const replaceIamInstanceProfileAssociation = operation<
  ReplaceIamInstanceProfileAssociationRequest,
  ReplaceIamInstanceProfileAssociationResult
>({
  run: (account, { AssociationId, IamInstanceProfile }) => {
    const instance = holderOf(account, AssociationId)
    hold(account, instance, profileAsked(account, IamInstanceProfile))
    return { IamInstanceProfileAssociation: associationOf(account, instance, 'associating') }
  },
  writes: true,
})
