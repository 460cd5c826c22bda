import { parentPort, workerData } from 'node:worker_threads'
import { serveThread } from '../../../../src/investigation/sources/log-files/thread.ts'
import { gather } from './logs.ts'

// A thread as the product's, with the tests' fold.
if (parentPort) serveThread(parentPort, workerData, { gather })
