import type {
  AddPermissionRequest,
  AddPermissionResponse,
  GetPolicyRequest,
  GetPolicyResponse,
  RemovePermissionRequest,
} from '@aws-sdk/client-lambda'
import { given } from '../../../incident/values/given.ts'
import type { Account } from '../../account/account.ts'
import type { LambdaFunction } from '../../account/compute.ts'
import { ServiceError } from '../../call.ts'
import { functionArn } from '../../compute/function-environment.ts'
import { operation } from '../../service.ts'
import { configurationOf, functionNamed, functionNotFound, onFunction } from './found.ts'

/** The statements of a function's resource policy, or of that of an alias or version of it. */
const statementsAt = (account: Account, called: LambdaFunction, Qualifier: string | undefined): Map<string, object> => {
  if (Qualifier === undefined) return called.permissions
  configurationOf(account, called, called.aliases.get(Qualifier) ?? Qualifier)
  const all = called.qualifiedPermissions ?? new Map<string, Map<string, object>>()
  const own = all.get(Qualifier) ?? new Map<string, object>()
  Object.assign(called, { qualifiedPermissions: all.set(Qualifier, own) })
  return own
}

const getPolicy = operation<GetPolicyRequest, GetPolicyResponse>({
  authorize: onFunction('GetPolicy'),
  run: (account, { FunctionName, Qualifier }) => {
    const called = functionNamed(account, FunctionName)
    const permissions = statementsAt(account, called, Qualifier)
    if (permissions.size === 0) throw functionNotFound('The resource you requested does not exist.')
    const Policy = JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: [...permissions.values()] })
    return { Policy, RevisionId: called.revisionId }
  },
  writes: false,
})

/** A principal as the policy writes it: anybody, a service, or an account. */
const principalOf = (account: Account, Principal = ''): unknown => {
  if (Principal === '*') return '*'
  if (/^\d{12}$/.test(Principal)) return { AWS: `arn:${account.partition}:iam::${Principal}:root` }
  return Principal.startsWith('arn:') ? { AWS: Principal } : { Service: Principal }
}

const conditionOf = ({
  SourceArn,
  SourceAccount,
  PrincipalOrgID,
  FunctionUrlAuthType,
}: AddPermissionRequest): object | undefined => {
  const equals = {
    ...given({ 'aws:SourceAccount': SourceAccount, 'aws:PrincipalOrgID': PrincipalOrgID }),
    ...given({ 'lambda:FunctionUrlAuthType': FunctionUrlAuthType }),
  }
  const condition = {
    ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}),
    ...(SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': SourceArn } }),
  }
  return Object.keys(condition).length > 0 ? condition : undefined
}

const addPermission = operation<AddPermissionRequest, AddPermissionResponse>({
  authorize: onFunction('AddPermission'),
  run: (account, input) => {
    const { FunctionName, Qualifier, StatementId: Sid = '', Action, Principal } = input
    const called = functionNamed(account, FunctionName)
    const permissions = statementsAt(account, called, Qualifier)
    if (permissions.has(Sid))
      throw new ServiceError('ResourceConflictException', `The statement id (${Sid}) provided already exists.`, 409)
    const statement = {
      ...{ Sid, Effect: 'Allow', Principal: principalOf(account, Principal), Action },
      Resource: `${functionArn(account, called.name)}${Qualifier === undefined ? '' : `:${Qualifier}`}`,
      ...given({ Condition: conditionOf(input) }),
    }
    permissions.set(Sid, statement)
    return { Statement: JSON.stringify(statement) }
  },
  writes: true,
})

const removePermission = operation<RemovePermissionRequest, object>({
  authorize: onFunction('RemovePermission'),
  run: (account, { FunctionName, Qualifier, StatementId = '' }) => {
    if (statementsAt(account, functionNamed(account, FunctionName), Qualifier).delete(StatementId)) return {}
    throw functionNotFound(`Statement ${StatementId} is not found in resource policy.`)
  },
  writes: true,
})

/** Who may invoke a function. */
export const functionPermissions = {
  GetPolicy: getPolicy,
  AddPermission: addPermission,
  RemovePermission: removePermission,
}
