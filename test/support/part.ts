import { beforeEach } from 'vitest'

/**
 * `IR_CRED_PART=1/4` runs the 2nd, 6th, 10th … test of a sweep and skips the others: the gate has not the time for all of them, and takes
 * another part after each commit. Without it every test runs.
 */
const [offset = 0, every = 1] = (process.env.IR_CRED_PART ?? '0/1').split('/').map(Number)

let count = 0

beforeEach(({ skip }) => {
  const isTaken = count % every === offset % every
  count += 1
  if (!isTaken) skip()
})
