import type { Activity } from '../../incident/facts/activity.ts'
import { type Block, heading, text } from '../../incident/values/block.ts'
import { activitySections, gapBlocks, headBlocks } from '../sections/sections.ts'
import { accountBlocks } from './account.ts'
import { permissionBlocks } from './permissions.ts'

/** An answer to one question, and whose words it is. */
export interface AnsweredQuestion {
  readonly heading: string
  readonly sources: readonly string[]
  readonly blocks: readonly Block[]
  /** Here a chart can be drawn. */
  readonly isVolume?: true
}

/**
 * All answers, in the order in which the questions are asked: when, where and with what, then `others` (what
 * further sources say), then what was done.
 */
export const answeredQuestions = (
  activity: Activity,
  others: readonly AnsweredQuestion[] = [],
  isCharted = false,
): readonly AnsweredQuestion[] => {
  const [when, ...done] = activitySections(activity, isCharted).map(
    ({ question, heading: title, blocks }): AnsweredQuestion => ({
      ...{ heading: title, sources: ['CloudTrail'], blocks },
      ...(question === 'volume' ? { isVolume: true } : {}),
    }),
  )
  return [...(when ? [when] : []), ...profiles(activity), ...others, ...done]
}

const profiles = ({ account, permissions, apis }: Activity): readonly AnsweredQuestion[] => [
  ...(account
    ? [
        {
          heading: 'Where',
          sources: account.sources ?? ['IAM', 'Organizations'],
          blocks: [...accountBlocks(account), ...gaps(account.incomplete)],
        },
      ]
    : []),
  ...(permissions
    ? [
        {
          heading: 'With what',
          sources: ['IAM', 'CloudTrail'],
          blocks: [...permissionBlocks(permissions, apis.rows), ...gaps(permissions.incomplete)],
        },
      ]
    : []),
]

const gaps = (incomplete: readonly string[]): readonly Block[] => incomplete.map((why) => text(`incomplete: ${why}`))

/** The whole of it, for the report and for whoever reads line by line. */
export const investigationBlocks = (activity: Activity): readonly Block[] => [
  ...headBlocks(activity),
  ...answeredQuestions(activity).flatMap(({ heading: title, sources, blocks }) => [heading(title, ...sources), ...blocks]),
  ...gapBlocks(activity),
]
