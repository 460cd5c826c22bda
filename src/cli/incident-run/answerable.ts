import { DECLARATIONS } from '../../incident/facts/by-hand.ts'
import { ONCE_MORE_QUESTION } from '../../response/accepted-unseen.ts'
import { SIGN_IN_QUESTION } from '../../response/sign-in.ts'
import { DOUBTFUL_QUESTION } from '../../response/stages/find-finding/doubtful.ts'
import { WHICH_CREDENTIALS, WHY_REPORTED } from '../../response/stages/find-finding/report.ts'
import { WHICH_FINDING } from '../../response/stages/find-finding/request.ts'
import { FALSE_ALARM_QUESTION, FINISHED_QUESTION } from './finished-incident.ts'
import { stages } from './stages.ts'

/** What an answers file can answer: the stages by their ids, and the questions by their text. */
export const ANSWERABLE: readonly string[] = [
  ...stages.map(({ id }) => id),
  WHICH_FINDING,
  WHICH_CREDENTIALS,
  WHY_REPORTED,
  DOUBTFUL_QUESTION,
  FALSE_ALARM_QUESTION,
  FINISHED_QUESTION,
  ONCE_MORE_QUESTION,
  SIGN_IN_QUESTION,
  ...Object.values(DECLARATIONS),
]
