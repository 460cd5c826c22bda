import { parentPort, workerData } from 'node:worker_threads'
import { activityFold } from '../../../analysis/activity-fold.ts'
import { serveWorker } from './serve-worker.ts'

// The program of a worker thread, a file of its own in the bundle.
if (parentPort) serveWorker(parentPort, workerData, { activity: activityFold })
