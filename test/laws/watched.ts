import type { Stage } from '../../src/response/stage.ts'

/** Which stage is at work, and at what. */
export interface Watch {
  readonly stages: readonly Stage[]
  readonly stage: () => string
  readonly doing: () => 'assess' | 'act' | 'recheck' | 'nothing'
}

/** The same stages, and a look over their shoulder. */
export const watched = (stages: readonly Stage[]): Watch => {
  let at = { stage: 'start', doing: 'nothing' as ReturnType<Watch['doing']> }
  const during = async <T>(stage: string, doing: ReturnType<Watch['doing']>, work: () => Promise<T>): Promise<T> => {
    const before = at
    at = { stage, doing }
    try {
      return await work()
    } finally {
      at = before.doing === 'nothing' ? { stage, doing: 'nothing' } : before
    }
  }
  const watch = (stage: Stage): Stage => ({
    ...stage,
    assess: (incident, context) => during(stage.id, 'assess', () => stage.assess(incident, context)),
    readings: stage.readings.map((reading) => ({
      ...reading,
      read: (incident, context) => during(stage.id, 'assess', () => reading.read(incident, context)),
    })),
    ...(stage.act
      ? { act: (incident, context, needed) => during(stage.id, 'act', async () => stage.act?.(incident, context, needed)) }
      : {}),
    ...(stage.recheck
      ? {
          recheck: {
            after: stage.recheck.after,
            look: (incident, context) => {
              const look = stage.recheck?.look
              if (!look) throw new Error('no recheck')
              return during(stage.id, 'recheck', () => look(incident, context))
            },
          },
        }
      : {}),
  })
  return { stages: stages.map(watch), stage: () => at.stage, doing: () => at.doing }
}
