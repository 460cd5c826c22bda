import { isPrivateAddress } from '../values/address.ts'
import { given } from '../values/given.ts'
import { isAccountId } from '../values/identifiers.ts'
import { quoted } from '../values/quoted.ts'
import { rawText, type Untrusted, untrustedOrNone } from '../values/untrusted.ts'
import type { Finding, FindingAction, RemoteAddress } from './finding.ts'
import { addressIn } from './finding-instance.ts'
import { at, isJsonObject, itemsOf, type Member, type Remark } from './member.ts'

const freeText = (from: Member, ...names: readonly string[]): Untrusted | undefined => untrustedOrNone(at(from, ...names).value)

const remarkOnAddress = (details: Member, ip: string | undefined, remark: Remark): void => {
  const written = [at(details, 'ipAddressV4'), at(details, 'ipAddressV6')].find((member) => member.value !== undefined)
  if (ip === undefined && written !== undefined && written.value !== '')
    remark(`The remote address is not an IP address and is left out: ${quoted(written.value)}.`)
  if (ip !== undefined && isPrivateAddress(ip))
    remark(`The remote address ${ip} is not a public one: it says nothing about where the caller was.`)
}

/** `Asn` is text in the API and a number in some exports; -1 means unknown. */
const asnIn = (member: Member): string | undefined => {
  const text = typeof member.value === 'number' ? String(member.value) : member.value
  return typeof text === 'string' && /^(?:AS)?\d{1,10}$/.test(text) ? text.replace('AS', '') : undefined
}

const remoteIn = (details: Member, remark: Remark): RemoteAddress | undefined => {
  if (!isJsonObject(details.value)) return undefined
  const ip = addressIn(at(details, 'ipAddressV4')) ?? addressIn(at(details, 'ipAddressV6'))
  remarkOnAddress(details, ip, remark)
  const organization = at(details, 'organization')
  const network = freeText(organization, 'asnOrg') ?? freeText(organization, 'org') ?? freeText(organization, 'isp')
  const isp = freeText(organization, 'isp')
  return given({
    ip,
    country: freeText(details, 'country', 'countryName') ?? freeText(details, 'country', 'countryCode'),
    city: freeText(details, 'city', 'cityName'),
    asn: asnIn(at(organization, 'asn')),
    network,
    isp: isp && network && rawText(isp) !== rawText(network) ? isp : undefined,
  })
}

/** The one member of `action` that describes it: awsApiCallAction, networkConnectionAction, portProbeAction … */
const descriptionOf = (action: Member): Member => {
  const name = Object.keys(isJsonObject(action.value) ? action.value : {}).find(
    (key) => /Action$/.test(key) && isJsonObject(at(action, key).value),
  )
  return at(action, name ?? 'awsApiCallAction')
}

const accountIn = (member: Member): string | undefined => {
  const text = typeof member.value === 'number' ? String(member.value).padStart(12, '0') : member.value
  return typeof text === 'string' && isAccountId(text) ? text : undefined
}

/** The AWS account that the call came from, and the VPC endpoint that it went through: GuardDuty names them for calls from inside AWS. */
const originIn = (call: Member): Pick<FindingAction, 'remoteAccount' | 'vpcEndpointId' | 'vpcEndpointAccountId'> => {
  const accountId = accountIn(at(call, 'remoteAccountDetails', 'accountId'))
  const { value: affiliated } = at(call, 'remoteAccountDetails', 'affiliated')
  const { value: endpoint } = at(call, 'vpcEndpointId')
  return given({
    remoteAccount: accountId
      ? { accountId, ...given({ affiliated: typeof affiliated === 'boolean' ? affiliated : undefined }) }
      : undefined,
    vpcEndpointId: typeof endpoint === 'string' && /^vpce-[0-9a-f]{8,17}$/.test(endpoint) ? endpoint : undefined,
    vpcEndpointAccountId: accountIn(at(call, 'vpcEndpointAccountId')),
  })
}

/** What the caller did and from where: the latest occurrence only. */
export const findingActionOf = (service: Member, remark: Remark): Pick<Finding, 'action'> => {
  const action = at(service, 'action')
  if (!isJsonObject(action.value)) return {}
  const type = at(action, 'actionType').value
  const call = descriptionOf(action)
  const probe = itemsOf(at(call, 'portProbeDetails'))[0] ?? call
  const described: FindingAction = {
    type: typeof type === 'string' && /^\w{1,64}$/.test(type) ? type : 'UNKNOWN',
    ...given({
      api: freeText(call, 'api'),
      service: freeText(call, 'serviceName'),
      callerType: freeText(call, 'callerType'),
      errorCode: freeText(call, 'errorCode'),
      userAgent: freeText(call, 'userAgent'),
      remote: remoteIn(at(probe, 'remoteIpDetails'), remark),
    }),
    ...originIn(call),
  }
  return { action: described }
}
