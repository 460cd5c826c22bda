import type { Fault, WireResponse } from '../../src/simulator/wire/message.ts'
import { answers } from './kinds.ts'
import type { Asked } from './operation.ts'

/** An answer that says that there is more, and where. */
const withToken = (response: WireResponse, { operation }: Asked, token: string): WireResponse => {
  if (response.status !== 200) return response
  const body = response.body
  if (operation.startsWith('iam:')) {
    const truncated = body.replace(
      /<IsTruncated>false<\/IsTruncated>/,
      `<IsTruncated>true</IsTruncated><Marker>${token}</Marker>`,
    )
    return { ...response, body: truncated }
  }
  if (operation.startsWith('ec2:')) {
    const bare = body.replace(/<nextToken>.*?<\/nextToken>/, '')
    return { ...response, body: bare.replace(/<\/(\w+Response)>$/, `<nextToken>${token}</nextToken></$1>`) }
  }
  if (body.startsWith('<')) return { ...response, body: body.replace(/<\/(\w+Result)>/, `<NextToken>${token}</NextToken></$1>`) }
  const name = operation.startsWith('guardduty:') ? 'nextToken' : 'NextToken'
  return { ...response, body: JSON.stringify({ ...JSON.parse(body), [name]: token }) }
}

/** The service forgets what it was asked for: each page is the first one, and names these tokens in turn. */
const forgetful = (operation: string, tokens: readonly string[], asked: string[]): Fault =>
  answers(operation, async (what, next) => {
    if (!isPaged(what)) return next()
    const token = tokens[asked.length % tokens.length] ?? ''
    asked.push(token)
    return withToken(await next(), what, token)
  })

/** One instance by its id is never paged. */
const isPaged = ({ operation, input }: Asked): boolean => operation !== 'ec2:DescribeInstances' || 'Filters' in input

/** The account itself knows no such token: every page is asked for without one. */
const withoutToken =
  (fault: Fault): Fault =>
  (request, next) =>
    fault(request, (again) => next({ ...again, body: Buffer.from(stripped(Buffer.from(again.body).toString('utf8'))) }))

const stripped = (body: string): string =>
  body.replace(/&(NextToken|Marker)=[^&]*/, '').replace(/,?"(NextToken|nextToken)":"[^"]*"/, '')

/** Each page is the first one again, and names these tokens in turn. What was answered is pushed to `asked`. */
export const repeatedPages = (operation: string, tokens: readonly string[], asked: string[]): Fault =>
  withoutToken(forgetful(operation, tokens, asked))
