// The fewest calls that a revocation needs, without an SDK: what no tool can undercut by much. raw-bound.js key KEY | arn ARN, or
// raw-bound.js reset KEY, which takes the revocation back and prints the finding. The endpoint and the credentials come from the environment.
import { createHash, createHmac } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import process from 'node:process'
import tls from 'node:tls'

const { AWS_ENDPOINT_URL, AWS_REGION: region, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
const { protocol, hostname, port, host } = new URL(AWS_ENDPOINT_URL)
const [from, named] = process.argv.slice(2)

// A connection is opened at once, and used when the first call is ready.
const warmAgent = () => {
  const { Agent } = protocol === 'https:' ? https : http
  const open = () =>
    protocol === 'https:' ? tls.connect({ host: hostname, port, servername: hostname }) : net.connect({ host: hostname, port })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let warm = open()
  agent.createConnection = () => {
    const socket = warm ?? open()
    warm = undefined
    return socket
  }
  return agent
}
const agents = { guardduty: warmAgent(), iam: warmAgent(), sts: warmAgent() }

const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const hmac = (key, text) => createHmac('sha256', key).update(text).digest()

/** The headers of a request signed with Signature Version 4. */
const signed = (service, method, path, body, type) => {
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '')
  const headers = { 'content-type': type, host, 'x-amz-date': date, 'x-amz-security-token': AWS_SESSION_TOKEN }
  const names = Object.keys(headers).join(';')
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const canonical = [method, path, '', lines.join(''), names, sha256(body)].join('\n')
  const scope = [date.slice(0, 8), region, service, 'aws4_request']
  const key = scope.reduce(hmac, `AWS4${AWS_SECRET_ACCESS_KEY}`)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n')).toString('hex')
  const credential = `${AWS_ACCESS_KEY_ID}/${scope.join('/')}`
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  }
}

const call = (service, method, path, body, type) =>
  new Promise((resolve, reject) => {
    const headers = { ...signed(service, method, path, body, type), 'content-length': Buffer.byteLength(body) }
    const { request } = protocol === 'https:' ? https : http
    const asked = request({ agent: agents[service], hostname, port, method, path, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      answer.on('end', () => (answer.statusCode === 200 ? resolve(text) : reject(new Error(`${service} ${path}: ${text}`))))
    })
    asked.on('error', reject).end(body)
  })

const json = async (path, body) =>
  JSON.parse(await call('guardduty', body ? 'POST' : 'GET', path, body ? JSON.stringify(body) : '', 'application/json'))
const query = (service, Version, Action, parameters) =>
  call(service, 'POST', '/', `${new URLSearchParams({ Action, Version, ...parameters })}`, 'application/x-www-form-urlencoded')
const iam = (action, parameters) => query('iam', '2010-05-08', action, parameters)

const findingOf = async () => {
  if (from === 'arn') {
    const [, detector, , id] = named.split(':')[5].split('/')
    return (await json(`/detector/${detector}/findings/get`, { findingIds: [id] })).findings[0]
  }
  const [detector] = (await json('/detector')).detectorIds
  const criterion = { 'resource.accessKeyDetails.accessKeyId': { eq: [named] } }
  const { findingIds } = await json(`/detector/${detector}/findings`, { findingCriteria: { criterion } })
  return (await json(`/detector/${detector}/findings/get`, { findingIds: findingIds.slice(0, 1) })).findings[0]
}

const identity = query('sts', '2011-06-15', 'GetCallerIdentity', {})
const finding = await findingOf()
await identity
const RoleName = finding.resource.accessKeyDetails.userName
const Condition = { DateLessThan: { 'aws:TokenIssueTime': new Date().toISOString() } }
const PolicyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition }],
})
const PolicyName = 'AWSRevokeOlderSessions'
if (from === 'reset') {
  await iam('GetRole', { RoleName })
  await iam('DeleteRolePolicy', { RoleName, PolicyName }).catch(() => 'There was none.')
  process.stdout.write(JSON.stringify(finding))
} else await iam('PutRolePolicy', { RoleName, PolicyName, PolicyDocument })
process.exit(0)
