import { SECOND_MS } from '../../incident/values/duration.ts'
import type { CommandOutcome, Invocation, ScriptHost } from './command.ts'
import { lastValue, type Options, readOptions } from './options.ts'

const OPTIONS = {
  flags: 'sSfLk',
  valued: 'mXHowM2N',
  long: {
    silent: 's',
    'show-error': 'S',
    fail: 'f',
    location: 'L',
    insecure: 'k',
    'max-time': 'm',
    request: 'X',
    header: 'H',
    output: 'o',
    'write-out': 'w',
    'max-filesize': 'M',
    'connect-timeout': '2',
    noproxy: 'N',
  },
}

interface Transfer {
  readonly code: number
  readonly error?: string
  readonly httpCode?: number
  readonly body?: string
}

interface Transferred {
  readonly status: number
  readonly out: string
  readonly err: string
}

const METADATA_ADDRESS = '169.254.169.254'

/** The URL, or how curl ends for it: only the metadata service is there to be reached. */
const destinationOf = (text: string): URL | Transfer => {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const isMalformed = [...text].some((char) => char <= ' ') || !URL.canParse(withScheme)
  if (isMalformed) return { code: 3, error: 'URL using bad/illegal format or missing URL' }
  const url = new URL(withScheme)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { code: 1, error: `Protocol "${url.protocol.slice(0, -1)}" not supported or disabled in libcurl` }
  }
  const isAddress = /^[\d.]+$|^\[/.test(url.hostname)
  if (!isAddress) return { code: 6, error: `Could not resolve host: ${url.hostname}` }
  if (url.hostname === METADATA_ADDRESS && url.protocol === 'http:' && url.port === '') return url
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return { code: 7, error: `Failed to connect to ${url.hostname} port ${port}: Couldn't connect to server` }
}

const headersOf = (options: Options): Record<string, string> => {
  const headers = (options.values.get('H') ?? []).map((header) => /^([^:]+):\s*(.*)$/s.exec(header))
  return Object.fromEntries(
    headers.flatMap((header) => (header?.[2] ? [[(header[1] ?? '').trim().toLowerCase(), header[2]]] : [])),
  )
}

const transfer = (target: string, options: Options, host: ScriptHost): Transfer => {
  const url = destinationOf(target)
  if (!(url instanceof URL)) return url
  const answer = host.http({ method: lastValue(options, 'X') ?? 'GET', url: url.href, headers: headersOf(options) })
  const patience = Number(lastValue(options, 'm') ?? lastValue(options, '2') ?? 300) * SECOND_MS
  if (!answer) return { code: 28, error: `Connection timed out after ${patience} milliseconds` }
  if (answer.status >= 400 && options.flags.has('f')) {
    return { code: 22, error: `The requested URL returned error: ${answer.status}`, httpCode: answer.status }
  }
  const largest = Number(lastValue(options, 'M') ?? Number.POSITIVE_INFINITY)
  if (answer.body.length > largest) return { code: 63, error: 'Maximum file size exceeded', httpCode: answer.status }
  return { code: 0, httpCode: answer.status, body: answer.body }
}

const writeOut = (format: string, httpCode = 0): string =>
  format
    .replace(/%\{(?:http_code|response_code)\}/g, String(httpCode).padStart(3, '0'))
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')

const fetchOne = (target: string, options: Options, host: ScriptHost): Transferred => {
  const { code, error, httpCode, body = '' } = transfer(target, options, host)
  const output = lastValue(options, 'o') ?? '-'
  const isLost = output !== '-' && output !== '/dev/null'
  const status = code === 0 && isLost ? 23 : code
  const message = status === 23 ? 'Failure writing output to destination' : error
  const isQuiet = options.flags.has('s') && !options.flags.has('S')
  return {
    status,
    out: (output === '-' ? body : '') + writeOut(lastValue(options, 'w') ?? '', httpCode),
    err: message === undefined || isQuiet ? '' : `curl: (${status}) ${message}\n`,
  }
}

/** curl, as far as scripts use it to read instance metadata. Its exit codes are those of curl's manual. */
export const curl = ({ args, host }: Invocation): CommandOutcome => {
  const options = readOptions(args, OPTIONS)
  const isUnfitNumber = ['m', '2', 'M'].some((name) => options.values.get(name)?.some((value) => !/^\d+(\.\d+)?$/.test(value)))
  const wrong =
    options.unfit === undefined
      ? isUnfitNumber
        ? 'expected a proper numerical parameter'
        : undefined
      : `option ${options.unfit}: is unknown`
  if (wrong !== undefined)
    return { status: 2, err: `curl: ${wrong}\ncurl: try 'curl --help' or 'curl --manual' for more information\n` }
  if (options.operands.length === 0)
    return { status: 2, err: "curl: (2) no URL specified\ncurl: try 'curl --help' for more information\n" }
  const transfers = options.operands.map((target) => fetchOne(target, options, host))
  return {
    status: transfers.at(-1)?.status ?? 0,
    out: transfers.map(({ out }) => out).join(''),
    err: transfers.map(({ err }) => err).join(''),
  }
}
