import { test } from 'vitest'
import { runInMemory } from '../support/run-in-memory.ts'
import { build } from '../support/scenario.ts'
test('scratch', async () => {
  for (let i=0;i<4;i++){
  const t0 = performance.now()
  const built = await build('custom-threat-list')
  const t1 = performance.now()
  const ran = await runInMemory({ built, proofWait: i%2?0:1200 })
  const t2 = performance.now()
  process.stdout.write(JSON.stringify({build: t1-t0, run: t2-t1, calls: ran.calls.length, exit: ran.walked.exitCode, alarms: ran.walked.alarms, unproven: ran.walked.unproven, entries: ran.journal.length})+'\n')
  if(i==1) process.stdout.write(ran.calls.join(' ')+'\n'+ran.journal.map(e=>e.type+':'+((e as any).stage??'')).join(' ')+'\n')
  if(i==1) process.stdout.write(JSON.stringify(ran.walked.incident.facts.rotation)+JSON.stringify(ran.walked.incident.facts.closure)+'\n')
  }
})
