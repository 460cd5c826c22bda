// What `ir-cred investigate` is asked, asked of DuckDB: duckdb-question.js FOLDER THREADS KEY ROLE. Prints the answer as JSON. DuckDB is told
// the types of the columns that the answer needs, so it looks for no types itself and makes no others.
import process from 'node:process'
import { DuckDBInstance } from '@duckdb/node-api'

const [folder, threads, key, role] = process.argv.slice(2)

const COLUMNS = `{Records: 'STRUCT(eventTime VARCHAR, eventSource VARCHAR, eventName VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR,
  errorCode VARCHAR, userIdentity STRUCT(accessKeyId VARCHAR, sessionContext STRUCT(sessionIssuer STRUCT(userName VARCHAR))))[]'}`

const READ = `CREATE TEMP TABLE call AS
  SELECT record.eventTime AS moment, replace(record.eventSource, '.amazonaws.com', '') AS service, record.eventName AS api,
    record.sourceIPAddress AS ip, record.userAgent AS agent, record.errorCode IS NOT NULL AS failed,
    record.userIdentity.accessKeyId = '${key}' AS stolen
  FROM (SELECT unnest(Records) AS record FROM read_json('${folder}/*.json.gz', columns = ${COLUMNS}, format = 'unstructured'))
  WHERE record.userIdentity.sessionContext.sessionIssuer.userName = '${role}'`

// The 45 days before the day of the theft, as ir-cred's baseline.
const BASELINE = `SELECT count(*) FROM call, (SELECT min(moment) AS begun FROM call WHERE stolen)
  WHERE NOT stolen AND moment < begun[:10] AND moment::TIMESTAMP >= begun[:10]::TIMESTAMP - INTERVAL 45 DAYS`

const connection = await (await DuckDBInstance.create(':memory:', { threads })).connect()
const rows = async (sql) =>
  JSON.parse(
    JSON.stringify((await connection.runAndReadAll(sql)).getRows(), (_, value) =>
      typeof value === 'bigint' ? Number(value) : value,
    ),
  )
const failures = 'count(*) FILTER (WHERE failed)'

await connection.run(READ)
const [[events, failed, firstSeen, lastSeen]] = await rows(
  `SELECT count(*), ${failures}, min(moment), max(moment) FROM call WHERE stolen`,
)
const ips = await rows(`SELECT ip, count(*), ${failures} FROM call WHERE stolen GROUP BY ip`)
const apis = await rows(`SELECT service, api, count(*) - ${failures}, ${failures} FROM call WHERE stolen GROUP BY service, api`)
const hours = await rows(`SELECT moment[:13] || ':00:00Z', count(*) - ${failures}, ${failures} FROM call WHERE stolen GROUP BY 1`)
const newAgents = await rows('SELECT agent FROM call GROUP BY agent HAVING bool_and(stolen)')
const [[baseline]] = await rows(BASELINE)
const [[roleCalls]] = await rows('SELECT count(*) FROM call')
process.stdout.write(JSON.stringify({ events, failed, firstSeen, lastSeen, ips, apis, hours, newAgents, baseline, roleCalls }))
