import { GuardDutyClient, type GuardDutyClientConfig } from '@aws-sdk/client-guardduty'
import { makeBuilder } from '@smithy/core/client'
import { getEndpointPlugin } from '@smithy/core/endpoints'
import { partitionOf } from '../incident/values/partition.ts'
import {
  type AnywhereAnchor,
  type AnywhereCrl,
  type AnywhereProfile,
  DisableProfile$,
  EnableProfile$,
  GetProfile$,
  ListCrls$,
  ListProfiles$,
  ListTrustAnchors$,
} from '../incident/values/roles-anywhere-model.ts'

/*
 * The SDK's own client of IAM Roles Anywhere is made for an earlier generation of the SDK wherever ir-cred is built. This one is a
 * client of the same protocol (GuardDuty's, which is loaded in any case) under another name, address and model, with the names of the
 * SDK's own: to take that one instead is to change the imports of this module.
 */

const SERVICE = 'rolesanywhere'

const endpointOf = ({
  Region = '',
  Endpoint,
}: {
  readonly Region?: string | undefined
  readonly Endpoint?: string | undefined
}) => ({
  url: new URL(Endpoint ?? `https://${SERVICE}.${Region}.${partitionOf(Region)?.dnsSuffix ?? 'amazonaws.com'}`),
  properties: { authSchemes: [{ name: 'sigv4', signingName: SERVICE, signingRegion: Region, properties: {} }] },
})

/** Sends the commands of this module. */
export class RolesAnywhereClient extends GuardDutyClient {
  constructor(settings: GuardDutyClientConfig) {
    super({
      ...settings,
      serviceId: 'RolesAnywhere',
      endpointProvider: endpointOf,
      protocolSettings: { defaultNamespace: 'com.amazonaws.rolesanywhere', errorTypeRegistries: [], version: '2018-05-10' },
    })
  }
}

/** A command of this module, and what AWS answers it. */
export interface AnywhereCommand<O> {
  readonly input: object
  /** Nothing at run time: the type of the answer. */
  readonly answers?: O
}

/** The client as it is used: it sends the commands of this module. */
export interface AnywhereSender {
  send<O>(command: AnywhereCommand<O>, options?: object): Promise<O>
}

const ENDPOINT_PARAMETERS = {
  Endpoint: { type: 'builtInParams', name: 'endpoint' },
  Region: { type: 'builtInParams', name: 'region' },
} as const

const build = makeBuilder<never, object, never>(ENDPOINT_PARAMETERS, 'RolesAnywhere', 'RolesAnywhereClient', getEndpointPlugin)

const commandOf = <I extends object, O>(name: string, shape: unknown) =>
  build({}, () => [], name, shape as never) as unknown as new (
    input: I,
  ) => AnywhereCommand<O>

interface ProfilesPage {
  readonly profiles?: readonly AnywhereProfile[]
  readonly nextToken?: string
}
interface ProfileAnswer {
  readonly profile?: AnywhereProfile
}
interface OfProfile {
  readonly profileId: string
}

export const ListProfilesCommand = commandOf<{ readonly nextToken?: string }, ProfilesPage>('ListProfiles', ListProfiles$)
export const GetProfileCommand = commandOf<OfProfile, ProfileAnswer>('GetProfile', GetProfile$)
export const DisableProfileCommand = commandOf<OfProfile, ProfileAnswer>('DisableProfile', DisableProfile$)
export const EnableProfileCommand = commandOf<OfProfile, ProfileAnswer>('EnableProfile', EnableProfile$)

interface AnchorsPage {
  readonly trustAnchors?: readonly AnywhereAnchor[]
  readonly nextToken?: string
}
interface CrlsPage {
  readonly crls?: readonly AnywhereCrl[]
  readonly nextToken?: string
}

export const ListTrustAnchorsCommand = commandOf<{ readonly nextToken?: string }, AnchorsPage>(
  'ListTrustAnchors',
  ListTrustAnchors$,
)
export const ListCrlsCommand = commandOf<{ readonly nextToken?: string }, CrlsPage>('ListCrls', ListCrls$)
