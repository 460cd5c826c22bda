import { isMembers, type Members, mapTexts } from './finding-spelling.ts'

/** GuardDuty writes `GeneratedFinding…` into its samples ("Sample findings"); templates have `${name}` and `{{name}}`. */
const PLACEHOLDER = /GeneratedFinding\w*|\$\{[\w.-]{1,64}\}|\{\{[\w .-]{1,64}\}\}/g

/** The instance and the address of every sample. */
const SAMPLE_INSTANCE = 'i-99999999'
const SAMPLE_ADDRESS = '198.51.100.0'

const EVERY = new RegExp(`${PLACEHOLDER.source}|\\b${SAMPLE_INSTANCE}\\b|\\b${SAMPLE_ADDRESS.replaceAll('.', '\\.')}\\b`, 'g')

/** Whether a text names nothing, because a sample or a template has a placeholder in its place. */
export const isPlaceholder = (text: string): boolean => text.search(EVERY) >= 0

/** Every placeholder in a document, each once. */
export const placeholdersIn = (value: unknown): readonly string[] => [
  ...new Set(JSON.stringify(value ?? null).match(EVERY) ?? []),
]

/** What the account has in the place of a placeholder. */
export interface PlaceholderValues {
  readonly accessKeyId: string
  readonly principalId: string
  readonly userName: string
  readonly userType: string
  readonly instanceId: string
  readonly remoteIp: string
  readonly city: string
  readonly country: string
  readonly network: string
  readonly asn: string
  readonly threatList: string
  readonly bucket: string
}

const VALUES: readonly (readonly [about: RegExp, value: (values: PlaceholderValues) => string])[] = [
  [/access_?key/i, ({ accessKeyId }) => accessKeyId],
  [/principal/i, ({ principalId }) => principalId],
  [/user_?name|role_?name/i, ({ userName }) => userName],
  [/usertype/i, ({ userType }) => userType],
  [/^i-|instance_id/i, ({ instanceId }) => instanceId],
  [/^198|_ip\b|ip_?address/i, ({ remoteIp }) => remoteIp],
  [/bucket.*arn/i, ({ bucket }) => `arn:aws:s3:::${bucket}`],
  [/bucket/i, ({ bucket }) => bucket],
  [/city/i, ({ city }) => city],
  [/country/i, ({ country }) => country],
  [/asnorg|isp|org/i, ({ network }) => network],
  [/asn/i, ({ asn }) => asn],
  [/list/i, ({ threatList }) => threatList],
  [/apiservice/i, () => 's3.amazonaws.com'],
  [/api/i, () => 'ListBuckets'],
  [/agent/i, () => 'aws-cli/2.15.30'],
]

/** `GeneratedFindingPrivateDnsName1` and the like, which nobody in the account is called: `example-private-dns-name1`. */
const exampleOf = (placeholder: string): string => {
  const words = placeholder.replace(/^GeneratedFinding|[${}]/g, '').replace(/([a-z])([A-Z])/g, '$1-$2')
  return `example-${words.toLowerCase().replaceAll('_', '-')}`
}

const inPlaceOf = (placeholder: string, values: PlaceholderValues): string => {
  const named = placeholder.replace('GeneratedFinding', '')
  return VALUES.find(([about]) => about.test(named))?.[1](values) ?? exampleOf(placeholder)
}

/** The document with every placeholder in every text replaced. */
export const fillPlaceholders = (value: unknown, values: PlaceholderValues): unknown =>
  mapTexts(value, (text) => text.replace(EVERY, (placeholder) => inPlaceOf(placeholder, values)))

const withoutSampleFlag = (info: unknown): unknown => {
  if (!isMembers(info)) return info
  const { Sample: _, sample: __, ...rest } = info
  const value =
    typeof rest.Value === 'string' ? rest.Value.replace(/"sample"\s*:\s*true,?/, '').replace(/,\s*\}/, '}') : rest.Value
  return { ...rest, ...(value === undefined ? {} : { Value: value }) }
}

/** Whether a finding in the API's spelling is one of GuardDuty's samples. */
export const isSampleFinding = (document: Members): boolean =>
  /^\s*\[SAMPLE\]/i.test(String(document.Title ?? '')) ||
  /"sample\\*"\s*:\s*true/i.test(JSON.stringify(document.Service ?? null)) ||
  JSON.stringify(document).includes('GeneratedFinding')

/** A sample as it would be if it had happened: without the marks by which GuardDuty says that it did not. */
export const withoutSampleMarks = (document: Members): Members => {
  const { Title, Service } = document
  const title = typeof Title === 'string' ? Title.replace(/^\s*\[SAMPLE\]\s*/i, '') : Title
  const service = isMembers(Service) ? { ...Service, AdditionalInfo: withoutSampleFlag(Service.AdditionalInfo) } : Service
  return { ...document, ...(title === undefined ? {} : { Title: title }), ...(service === undefined ? {} : { Service: service }) }
}
