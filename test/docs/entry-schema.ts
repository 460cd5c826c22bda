import { createGenerator, type Schema } from 'ts-json-schema-generator'
import { type Definitions, inlined, inUse, isMadeUp, membersOf, typeOf } from './events.ts'

/** The form of an instant as ir-cred writes it. */
const INSTANT: Schema = {
  type: 'string',
  pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?Z$',
}

/** What AWS allows for the members of a setting: they decide where a run goes on. */
const SETTING: Readonly<Record<string, string>> = {
  accountId: '^\\d{12}$',
  partition: '^aws[a-z0-9-]{0,20}$',
  region: '^[a-z]{2}[a-z0-9-]{1,40}$',
  endpoint: '^https?://[\\x21-\\x7e]{1,2000}$',
}

const withPatterns = (setting: Schema): Schema => ({
  ...setting,
  properties: Object.fromEntries(
    Object.entries(setting.properties ?? {}).map(([name, value]) => {
      const pattern = SETTING[name]
      return [name, pattern === undefined || typeof value !== 'object' ? value : { ...value, pattern }]
    }),
  ),
})

/** The JSON Schema of the journal's entries: each type of entry is a definition `entry:<type>`. It is made from the types of the entries. */
export const entrySchema = (): { readonly definitions: Definitions } => {
  const generator = createGenerator({
    path: 'src/incident/entry.ts',
    tsconfig: 'tsconfig.json',
    type: 'Entry',
    skipTypeCheck: true,
    expose: 'export',
    encodeRefs: false,
    jsDoc: 'none',
  })
  const { definitions: raw = {} } = generator.createSchema('Entry')
  const all: Definitions = {
    ...(raw as Definitions),
    Instant: INSTANT,
    Setting: withPatterns((raw as Definitions).Setting ?? {}),
  }
  const members = membersOf(all, all.Entry ?? {}).map((member) => inlined(all, member))
  const types = [...new Set(members.map(typeOf))].sort()
  const named = Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => !isMadeUp(name))
      .map(([name, node]) => [name, inlined(all, node)]),
  )
  const used = members.reduce((found, member) => inUse(member, named, found), new Set<string>())
  const entries = types.map((type) => [`entry:${type}`, { anyOf: members.filter((member) => typeOf(member) === type) }])
  const definitions = [...used].sort().map((name) => [name, named[name] ?? {}])
  return { definitions: Object.fromEntries([...entries, ...definitions]) }
}
