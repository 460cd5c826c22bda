import { onTestFinished } from 'vitest'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import type { VolumeChart } from '../../../src/terminal/volume/bars.ts'
import { type Browsed, browseVolume, type TimeWindow } from '../../../src/terminal/volume/browser.ts'
import type { ActivityRow, WindowTabs } from '../../../src/terminal/volume/browser-frame.ts'
import { HOUR, momentAfter, theftVolume } from './builders.ts'
import { FakeTerminal, settled } from './fake-terminal.ts'

/** A row of a table, as of the attacker's address. */
export const row = (name: string, told: Partial<ActivityRow> = {}): ActivityRow => ({
  ...{ name: untrusted(name), succeeded: 381, failed: 97 },
  apis: [{ service: 's3', api: 'ListObjects', succeeded: 210, failed: 0 }],
  ...told,
})

/** The same in every window. */
export const ACTIVITY: WindowTabs = {
  byIp: [row('198.51.100.23', { where: 'NL AS64496 Example Hosting' }), row('10.0.1.11', { succeeded: 44, failed: 0 })],
  byService: [
    row('s3', {
      apis: [
        { service: 's3', api: 'ListObjects', succeeded: 210, failed: 0 },
        { service: 's3', api: 'GetObject', succeeded: 1, failed: 97 },
      ],
    }),
  ],
  byAccessKeyId: [row('ASIAXCSEC6TNGZ6EZUUO')],
}

interface Told {
  readonly volume?: VolumeChart
  readonly activity?: WindowTabs
  readonly size?: { columns?: number; rows?: number }
  readonly colour?: boolean
  readonly zone?: string
}

/** Begins to browse; what the terminal shows is there when this returns. */
export const browsing = async ({ volume = theftVolume(), activity = ACTIVITY, size = {}, colour = false, zone }: Told = {}) => {
  const terminal = new FakeTerminal(size)
  const asked: TimeWindow[] = []
  const browsed: Browsed = {
    volume,
    zone,
    activity: (window) => {
      asked.push(window)
      return activity
    },
  }
  const answer = browseVolume(terminal.promptStreams(colour), browsed)
  answer.catch(() => undefined)
  onTestFinished(() => terminal.run.abort())
  await settled()
  return { terminal, asked, answer, screen: () => terminal.screen() }
}

/** From one hour after the volume's beginning to another. */
export const window = (from: number, until: number): TimeWindow => ({
  from: momentAfter(from * HOUR),
  until: momentAfter(until * HOUR),
})
