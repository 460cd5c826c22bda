import { code, fields, link, list, table, text, warning } from '../../src/incident/values/block.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import type { Event } from '../../src/response/ports.ts'
import { at, setting } from './sample-incident.ts'

/** Events that hold a text wherever an event can hold one: in what is Untrusted, and in our own strings as well. */
export const eventsHolding = (payload: string): readonly Event[] => {
  const foreign = untrusted(payload)
  const stage = 'revoke-sessions'
  const effect = { operation: payload, resource: payload, sentence: payload, cost: payload, undo: payload }
  const moment = at('02:03:12')
  return [
    {
      type: 'opened',
      at: moment,
      incident: payload,
      version: payload,
      request: { by: 'list' },
      setting: { ...setting, profile: payload, endpoint: payload, responderArn: `arn:aws:sts::1:${payload}` },
    },
    { type: 'resumed', at: moment, responderArn: payload },
    { type: 'entered', stage, title: payload, phase: payload, number: 4, of: 10 },
    { type: 'progress', stage, text: payload },
    { type: 'assessed', stage, status: 'needed', effects: [effect] },
    { type: 'approved', at: moment, stage, effects: [effect], by: payload },
    { type: 'intended', at: moment, stage, nonce: 'n', effect },
    { type: 'sent', at: moment, stage, nonce: 'n', outcome: 'refused', code: payload, message: foreign, requestId: payload },
    { type: 'sent', at: moment, stage, nonce: 'n', outcome: 'unknown', why: payload },
    { type: 'sent', at: moment, stage, nonce: 'n', outcome: 'accepted', requestId: payload },
    { type: 'rechecked', at: moment, stage, stands: false, says: payload },
    { type: 'kept', at: moment, stage, name: payload, ref: { file: payload, sha256: payload, bytes: 1 } },
    {
      type: 'described',
      stage,
      blocks: [
        text('said ', foreign, payload),
        warning(foreign, payload),
        fields([payload, foreign], ['name', payload]),
        list([foreign, payload]),
        table([payload, 'b'], [[foreign, payload]]),
        // Source code is ours, and the only text that may have lines of its own.
        code(payload.replaceAll('\n', ' ')),
        link(payload, `https://console.aws.amazon.com/${payload}`),
      ],
    },
    { type: 'call', at: moment, service: payload, operation: payload, outcome: payload, requestId: payload },
    { type: 'actor', who: payload, at: moment, action: payload, outcome: 'refused', explicit: false },
    { type: 'alarm', text: payload },
    { type: 'note', text: payload },
    { type: 'notApplicable', at: moment, stage, why: payload },
    { type: 'skipped', at: moment, stage, by: payload },
    { type: 'declined', at: moment, stage, why: payload },
    { type: 'blocked', at: moment, stage, why: payload, remedy: payload },
    { type: 'interrupted', at: moment, by: payload },
    { type: 'recovered', at: moment, why: payload },
    {
      type: 'ended',
      ending: 'failed',
      exitCode: 1,
      incident: payload,
      writes: 1,
      unproven: [payload],
      alarms: [payload],
      report: payload,
      continueWith: payload,
    },
  ]
}
