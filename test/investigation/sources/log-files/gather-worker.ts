import { parentPort, workerData } from 'node:worker_threads'
import { serveWorker } from '../../../../src/investigation/sources/log-files/workers/serve-worker.ts'
import { gather } from './logs.ts'

// A worker as in the product, with the fold of the tests.
if (parentPort) serveWorker(parentPort, workerData, { gather })
