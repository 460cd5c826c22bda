import { Failure } from '../../incident/values/failure.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The endpoint that will be talked to, when it is not AWS's own. One that only the environment knows is refused: a persistence artefact
 * AWS_ENDPOINT_URL would silently point a real response at a fake account, or a drill at a real one.
 */
export const checkEndpoint = (env: Environment, given: string | undefined): string | undefined => {
  if (given !== undefined && !isUrl(given)) {
    throw new Failure({
      kind: 'usage',
      what: `--endpoint-url ${given.slice(0, 80)} is not a URL`,
      remedy: 'write it as http://127.0.0.1:4599',
    })
  }
  if (given !== undefined) return given
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined
  const set = Object.entries(env).filter(([name, value]) => /^AWS_ENDPOINT_URL(_|$)/.test(name) && value)
  const [first] = set
  if (!first) return undefined
  throw new Failure({
    kind: 'usage',
    what: `${first[0]} is set in the environment (${first[1]?.slice(0, 80)})`,
    why: 'a response that talks to another endpoint than AWS’s must be meant',
    remedy: `confirm it with --endpoint-url ${first[1]?.slice(0, 80)}, or unset ${set.map(([name]) => name).join(' and ')}`,
  })
}

const isUrl = (text: string): boolean => /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : '')

/** Refuses to run with certificate checks switched off: anybody on the way could answer as AWS. */
export const checkTls = (env: Environment): void => {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return
  throw new Failure({
    kind: 'usage',
    what: 'NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off',
    why: 'anybody on the way could answer as AWS',
    remedy: 'unset it; behind an inspecting proxy, set NODE_EXTRA_CA_CERTS to its certificate',
  })
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Whether an endpoint is on this machine. Only there is an account believed to be a simulated one, with a time of its own. */
export const isLoopback = (endpoint: string | undefined): boolean =>
  endpoint !== undefined && URL.canParse(endpoint) && LOOPBACK.test(new URL(endpoint).hostname)
