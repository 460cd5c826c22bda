import type { Activity } from '../../incident/facts/activity.ts'
import { type Block, heading, text } from '../../incident/values/block.ts'
import { activitySections, gapBlocks, headBlocks } from '../sections/sections.ts'
import { whereBlocks } from './account.ts'
import { withWhatBlocks } from './permissions.ts'

/** An answer to one question, and whose words it is. */
export interface AnsweredQuestion {
  readonly heading: string
  readonly witnesses: readonly string[]
  readonly blocks: readonly Block[]
  /** Here a chart can be drawn. */
  readonly isVolume?: true
}

/**
 * All answers, in the order in which the questions are asked: when, where and with what, then `others` (what further witnesses
 * say), then what was done.
 */
export const answeredQuestions = (
  activity: Activity,
  others: readonly AnsweredQuestion[] = [],
  isCharted = false,
): readonly AnsweredQuestion[] => {
  const [when, ...done] = activitySections(activity, isCharted).map(
    ({ question, heading: title, blocks }): AnsweredQuestion => ({
      ...{ heading: title, witnesses: ['CloudTrail'], blocks },
      ...(question === 'volume' ? { isVolume: true } : {}),
    }),
  )
  return [...(when ? [when] : []), ...profiles(activity), ...others, ...done]
}

const profiles = ({ where, withWhat, apis }: Activity): readonly AnsweredQuestion[] => [
  ...(where
    ? [
        {
          heading: 'Where',
          witnesses: where.witnesses ?? ['IAM', 'Organizations'],
          blocks: [...whereBlocks(where), ...gaps(where.incomplete)],
        },
      ]
    : []),
  ...(withWhat
    ? [
        {
          heading: 'With what',
          witnesses: ['IAM', 'CloudTrail'],
          blocks: [...withWhatBlocks(withWhat, apis.rows), ...gaps(withWhat.incomplete)],
        },
      ]
    : []),
]

const gaps = (incomplete: readonly string[]): readonly Block[] => incomplete.map((why) => text(`incomplete: ${why}`))

/** The whole of it, for the report and for whoever reads line by line. */
export const investigationBlocks = (activity: Activity): readonly Block[] => [
  ...headBlocks(activity),
  ...answeredQuestions(activity).flatMap(({ heading: title, witnesses, blocks }) => [heading(title, ...witnesses), ...blocks]),
  ...gapBlocks(activity),
]
