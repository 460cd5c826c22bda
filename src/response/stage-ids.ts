/** The ids of the stages, in the order of the runbook: what a command line can name is known before any stage is loaded. */
export const STAGE_IDS = [
  'find-finding',
  'identify-subject',
  'scope-blast-radius',
  'revoke-sessions',
  'close-access',
  'preserve-evidence',
  'restart-instance',
  'renew-workload',
  'verify-rotation',
  'verify-by-hand',
  'investigate-session',
  'trace-activity',
  'hunt-persistence',
  'close-incident',
] as const satisfies readonly string[]
