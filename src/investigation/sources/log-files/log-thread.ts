import { parentPort, workerData } from 'node:worker_threads'
import { activityFold } from '../../analysis/activity-fold.ts'
import { serveThread } from './thread.ts'

// The program of a thread that scans log files: the bundle has it as a file of its own.
if (parentPort) serveThread(parentPort, workerData, { activity: activityFold })
