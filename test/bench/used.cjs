// Preloaded into a measured Node process: at its end it writes the seconds of CPU and the megabytes that it used.
const { isMainThread } = require('node:worker_threads')
if (isMainThread) {
  const { readFileSync, writeFileSync } = require('node:fs')
  // Not maxRSS where there is something better: Linux counts in what the parent had when it forked.
  const megabytes = (kilobytes) => {
    try {
      return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024
    } catch {
      return kilobytes / 1024
    }
  }
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    writeFileSync(process.env.BENCH_USED, `${(userCPUTime + systemCPUTime) / 1e6} ${megabytes(maxRSS)}`)
  })
}
