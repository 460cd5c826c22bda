import type { Activity } from '../../incident/facts/activity.ts'
import { type Block, heading, list, text, warning } from '../../incident/values/block.ts'
import { accountBlocks } from './account.ts'
import { causeBlocks } from './cause.ts'
import { chainedSessionBlocks } from './chained-sessions.ts'
import { coverageBlocks } from './coverage.ts'
import { credentialBlocks } from './credentials.ts'
import { failedCallBlocks } from './failed-calls.ts'
import { headBlocks } from './head.ts'
import type { Length } from './listing.ts'
import { newlyObservedBlocks } from './newly-observed.ts'
import { objectBlocks } from './objects.ts'
import { permissionBlocks } from './permissions.ts'
import { persistenceSection } from './persistence.ts'
import { volumeBlocks } from './volume.ts'
import { whenBlocks } from './when.ts'

/** A section of an investigation, and the sources that it comes from. */
export interface InvestigationSection {
  readonly heading: string
  readonly sources: readonly string[]
  readonly blocks: readonly Block[]
  /** A chart can be drawn in this section. */
  readonly isVolume?: true
}

/** How the sections are laid out. */
export interface SectionLayout {
  /** The volume stands in a chart, not in a table. */
  readonly isCharted?: boolean
  readonly length?: Length
}

/**
 * All sections in their order. `others` are the sections of further sources: other findings, and Detective's investigation.
 * CloudTrail's sections are left out when it shows no call.
 */
export const investigationSections = (
  activity: Activity,
  others: readonly InvestigationSection[] = [],
  { isCharted = false, length = 'short' }: SectionLayout = {},
): readonly InvestigationSection[] => {
  const { account, permissions, apis, events } = activity
  const seen = (...section: Parameters<typeof cloudTrail>) => (events === 0 ? [] : [cloudTrail(...section)])
  return [
    ...seen('When', whenBlocks, activity),
    ...(account ? [accountSection(account)] : []),
    ...(permissions ? [permissionsSection(permissions, apis.rows)] : []),
    ...others,
    ...seen('API call volume', (all) => volumeBlocks(all, isCharted, length), activity).map((volume) => ({
      ...volume,
      isVolume: true as const,
    })),
    ...seen('Failed calls', (all) => failedCallBlocks(all, length), activity),
    ...seen('Newly observed', (all) => newlyObservedBlocks(all, length), activity),
    ...seen('Credentials', (all) => credentialBlocks(all, length), activity),
    ...seen('Cause', causeBlocks, activity),
    ...seen('Chained sessions', (all) => chainedSessionBlocks(all, length), activity),
    ...seen('Objects', objectBlocks, activity),
    ...seen('Persistence', (all) => persistenceSection(all, length), activity),
    ...(activity.coverage ? [cloudTrail('Coverage', coverageBlocks, activity)] : []),
  ]
}

const cloudTrail = (
  title: string,
  blocks: (activity: Activity) => readonly Block[],
  activity: Activity,
): InvestigationSection => ({ heading: title, sources: ['CloudTrail'], blocks: blocks(activity) })

const accountSection = (account: NonNullable<Activity['account']>): InvestigationSection => ({
  heading: 'Account',
  sources: account.sources ?? ['IAM', 'Organizations'],
  blocks: [...accountBlocks(account), ...gaps(account.incomplete)],
})

const permissionsSection = (
  permissions: NonNullable<Activity['permissions']>,
  apis: Activity['apis']['rows'],
): InvestigationSection => ({
  heading: 'Permissions',
  sources: ['IAM', 'CloudTrail'],
  blocks: [...permissionBlocks(permissions, apis), ...gaps(permissions.incomplete)],
})

const gaps = (incomplete: readonly string[]): readonly Block[] => incomplete.map((why) => text(`incomplete: ${why}`))

/** The whole investigation, for the report and for a screen that is read line by line. */
export const investigationBlocks = (activity: Activity): readonly Block[] => [
  ...headBlocks(activity),
  ...investigationSections(activity).flatMap(({ heading: title, sources, blocks }) => [heading(title, ...sources), ...blocks]),
  ...gapBlocks(activity),
]

/** What could not be read, and what the source never shows. */
export const gapBlocks = ({ incomplete, limits }: Activity): readonly Block[] => [
  ...(incomplete.length > 0 ? [warning('Incomplete:'), list([...incomplete])] : []),
  ...limits.map((limit) => text(limit)),
]
