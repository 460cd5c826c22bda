import { COUNTRY_NAMES } from './country-names.ts'

type Style = 'long' | 'short'

const styles = new Map<Style, Intl.DisplayNames>()

const nameIn = (style: Style, code: string): string | undefined => {
  const names = styles.get(style) ?? displayNames(style)
  styles.set(style, names)
  return names.of(code)
}

const displayNames = (style: Style) => new Intl.DisplayNames('en', { type: 'region', style, fallback: 'none' })

const CODE = /^[A-Z]{2}$/
/** What CLDR calls "Unknown Region". */
const UNKNOWN = 'ZZ'

/** The English name of an ISO 3166 alpha-2 code, a withdrawn one too; undefined for a code that is nobody's. */
export const countryName = (code: string): string | undefined =>
  COUNTRY_NAMES.get(code) ?? (CODE.test(code) && code !== UNKNOWN ? nameIn('long', code) : undefined)

/** The ISO 3166 code of an English country name or of a code, a withdrawn one too; undefined for any other name. */
export const countryCode = (text: string): string | undefined => {
  const code = text.trim().toUpperCase()
  if (COUNTRY_NAMES.has(code)) return code
  return countryName(code) === undefined ? codesByName().get(comparable(text)) : currentCode(code)
}

/** SU is RU now, and UK always was GB. */
const currentCode = (code: string): string => new Intl.Locale(`und-${code}`).region ?? code

/** Names that GuardDuty and the databases write, and that are neither CLDR's long nor its short ones. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'cabo verde': 'CV',
  'congo republic': 'CG',
  'czech republic': 'CZ',
  'democratic republic of the congo': 'CD',
  'dr congo': 'CD',
  'east timor': 'TL',
  'ivory coast': 'CI',
  'republic of korea': 'KR',
  'republic of moldova': 'MD',
  'russian federation': 'RU',
  turkey: 'TR',
  'viet nam': 'VN',
}

/** Names without what their spellings differ in: accents, an article, `&`, `Saint`. */
const comparable = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace('&', 'and')
    .replace(/\bsaint\b/g, 'st.')
    .replace(/^\s*the /, '')
    .trim()

let codes: ReadonlyMap<string, string> | undefined

const codesByName = (): ReadonlyMap<string, string> => {
  codes ??= new Map([...[...COUNTRY_NAMES.keys()].flatMap(namesOf), ...Object.entries(OTHER_NAMES)])
  return codes
}

const namesOf = (code: string): (readonly [string, string])[] =>
  [nameIn('short', code), nameIn('long', code)].filter((name) => name !== undefined).map((name) => [comparable(name), code])
