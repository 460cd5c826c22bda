import { DAY_MS } from '../../incident/values/duration.ts'
import type { Account } from '../account/account.ts'

/** The function that shares the role with the instances: a timer starts it every morning. */
export const RESIZING = 'resize-images'

/** Puts the function into the account. */
export const addResizingFunction = (account: Account, roleName: string, now: number): void => {
  account.functions.set(RESIZING, {
    ...{ name: RESIZING, roleName, runtime: 'nodejs20.x', handler: 'index.handler', description: 'Makes small images' },
    ...{ codeSize: 61_904, codeSha256: 'k9Jm3vQ2xW7bTz1nYc5rLd8fHs4gPa6uE0iOoX2wRqU=' },
    ...{ memorySize: 512, timeout: 60, environment: { BUCKET: 'acme-web-uploads' }, layers: [] },
    ...{ changedAt: now - 60 * DAY_MS, revisionId: '5b0f7c3e-8d21-4a96-9f47-2c1e6d0b8a35', versions: [] },
    ...{ aliases: new Map(), permissions: new Map() },
  })
}
