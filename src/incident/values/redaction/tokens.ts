import { KEY_ID_IN_TEXT, SESSION_TOKEN_IN_TEXT } from '../identifiers.ts'
import { isMixed } from './assignments.ts'
import type { SecretKind } from './kinds.ts'
import type { Found, Rule } from './rule.ts'

/** A rule whose anchor is the whole secret: what matches was read once. */
const whole = (anchor: RegExp, kind: SecretKind): Rule => ({
  anchor,
  take: (_, match) => {
    const to = match.index + match[0].length
    return { next: to, found: { from: match.index, to, kind } }
  },
})

/** A rule whose secret stands in the last group of a pattern that begins at the anchor and reads no further than a few hundred characters. */
const after = (anchor: RegExp, pattern: RegExp, kind: SecretKind, isOne: (secret: string) => boolean = () => true): Rule => ({
  anchor,
  take: (text, match) => {
    pattern.lastIndex = match.index + match[0].length
    const found = pattern.exec(text)
    const secret = found?.at(-1)
    if (!found || secret === undefined || !isOne(secret)) return { next: match.index + match[0].length }
    const to = found.index + found[0].length
    return { next: to, found: { from: to - secret.length, to, kind } }
  },
})

const sessionTokens = whole(new RegExp(SESSION_TOKEN_IN_TEXT, 'g'), 'session-token')

/** Beside an access key id, as in a credentials file or a CSV. */
const besideKeyId = after(
  new RegExp(KEY_ID_IN_TEXT, 'g'),
  /[^\n]{0,80}?(?<![A-Za-z0-9/+])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/y,
  'aws-secret-key',
  isMixed,
)

/** Near a word that says so: "SecretAccessKey (keep it safe) -> …". */
const nearWord = after(
  /secret|aws_?key/gi,
  /[^\n]{0,60}?(?<![A-Za-z0-9/+])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/y,
  'aws-secret-key',
  isMixed,
)

/** Of presigned addresses, of Authorization headers, and of shared access signatures. The key id in a credential stays. */
const signatures: Rule = after(
  /X-Amz-Signature|[?&;, ]Signature|[?&]sig/gi,
  /(?:=|%3D|"?\s?:\s?"?)([\w+/%=.~-]{16,512})/iy,
  'signature',
)
const credentialScopes: Rule = after(
  /X-Amz-Credential|[?&, ]Credential/gi,
  /(?:=|%3D|"?\s?:\s?"?)[A-Z0-9]{16,32}((?:\/|%2F)[\w%/-]{8,128})/iy,
  'signature',
)

const PART = /[\w-]*/y

/** A JSON Web Token: three parts in base64, the first one a JSON object. */
const jsonWebTokens: Rule = {
  anchor: /eyJ[\w-]*/g,
  take: (text, match): Found => {
    let to = match.index + match[0].length
    let parts = 1
    while (text[to] === '.' && parts < 5) {
      PART.lastIndex = to + 1
      PART.test(text)
      to = PART.lastIndex
      parts += 1
    }
    return parts < 3 ? { next: to } : { next: to, found: { from: match.index, to, kind: 'bearer-token' } }
  },
}

const bearers = after(/\bBearer/gi, /(?:\s|%20|\+){1,4}["']?([\w.~+/=-]{8,})/y, 'bearer-token', (secret) => /[^a-z]/.test(secret))

/** Tokens that begin as their issuer says, so that scanners find them. */
const issued = whole(
  /(?:gh[pousr]_|github_pat_)\w{16,}|xox[abeoprs](?:\.xox[bp])?-[\w-]{10,}|(?:sk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|sk-(?:ant-|proj-)?[\w-]{20,}|dop_v1_[a-f0-9]{32,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{24,}|hv[bs]\.[\w-]{20,}|pypi-[\w-]{40,}|ABSK[\w+/=]{40,}|dckr_pat_[\w-]{20,}/g,
  'api-token',
)
const sendGrid = whole(/SG\.[\w-]{16,64}\.[\w-]{16,64}/g, 'api-token')
const slackHooks = after(/hooks\.slack\.com\/(?:services|workflows)\//g, /([\w/-]{16,128})/y, 'api-token')

/** `https://user:password@host`, `postgres://…`, and a token alone before the `@`. */
const addresses = after(/:\/\//g, /[^\s/:@"'<>]{0,128}:([^\s/"'<>]{1,256})(?=@)/y, 'password')
const tokenAddresses = after(/:\/\//g, /([^\s/:@"'<>]{20,256})(?=@)/y, 'api-token')

const curlUsers = after(
  /\b(?:curl|wget)\b/g,
  /[^\n]{0,200}? (?:-u|--user|--proxy-user)[ =]?["']?[^\s:"']{1,64}:([^\s"']{1,256})/y,
  'password',
)
const shortOptions = after(
  /\b(?:mysql|mysqldump|mysqladmin|mariadb|sshpass|docker login|redis-cli)\b/g,
  /[^\n]{0,200}? -[pa] ?([^\s-][^\s]{0,255})/y,
  'password',
)

/** What crypt makes of a password, as in /etc/shadow and cloud-init's `passwd`. */
const hashes = whole(/\$(?:1|2[abxy]|5|6|7|y|gy|sha1|apr1|argon2id?)\$[./\w=,$+-]{12,}/g, 'password')

/** `echo 'root:password' | chpasswd`, and the list that cloud-init's chpasswd has or prints. */
const setPasswords = after(
  /\becho\s/g,
  /(?:-\w{1,4} )?\\{0,8}["']?[\w.-]{1,32}:([^\s|"'\\]{1,256})(?=\\{0,8}["']?[ \t]{0,4}\|[^\n]{0,20}chpasswd)/y,
  'password',
)
const passwordLists = after(
  /\bchpasswd:|'random' passwords/g,
  /[^\n]{0,40}\n(?:[^\n]{0,60}(?:list|expire)[^\n]{0,20}\n){0,3}((?:[^\n]{0,80}?\b[\w.-]{1,32}:\S{1,128}(?:\r?\n|$)){1,32})/y,
  'password',
)
const netUsers = after(/\bnet user /gi, /[\w.-]{1,64} ([^\s/]\S{0,255})/iy, 'password')

/** Everything that is known by its form, whatever stands around it. */
export const tokenRules: readonly Rule[] = [
  sessionTokens,
  jsonWebTokens,
  issued,
  sendGrid,
  slackHooks,
  besideKeyId,
  nearWord,
  signatures,
  credentialScopes,
  hashes,
  bearers,
  addresses,
  tokenAddresses,
  curlUsers,
  shortOptions,
  setPasswords,
  passwordLists,
  netUsers,
]
