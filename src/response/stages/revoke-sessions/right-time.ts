import { Failure } from '../../../incident/values/failure.ts'
import { type Instant, wholeSecond } from '../../../incident/values/instant.ts'
import { type Blocked, blocked, type Context } from '../../stage.ts'
import { refuseCutoff } from './cutoff.ts'

/** By what an answers file decides between the two times: `aws` or `machine`. */
const WHICH_TIME = 'Which time is right?'

type Asking = Pick<Context, 'clock' | 'choose' | 'dryRun'>

/**
 * Asks which time is right where AWS's answers and this machine are more than two minutes apart and AWS's signature check rules out
 * neither. No flag answers it: a cut-off of the wrong time spares the stolen session, or denies the renewed one. Gives why the stage
 * is blocked when nobody decides.
 */
export const decideTime = async ({ clock, choose, dryRun }: Asking): Promise<Blocked | undefined> => {
  const { undecided, aws, machine } = clock.reading()
  if (!undecided || !aws || !machine || dryRun) return undefined
  const [byAws, byMachine] = [wholeSecond(aws), wholeSecond(machine)]
  const chosen = await choose({
    what: WHICH_TIME,
    options: [
      { id: 'aws', label: [`${byAws}, as AWS’s answers say`] },
      { id: 'machine', label: [`${byMachine}, as this machine says`] },
    ],
  })
  if (chosen === 'aws' || chosen === 'machine') {
    clock.trust(chosen)
    return undefined
  }
  return blocked(
    `AWS’s answers say that it is ${byAws}, this machine says ${byMachine}, and nothing shows which is right: the cut-off would be a guess`,
    `compare both with a clock that you trust; set this machine’s clock if it is wrong, then continue; or answer "${WHICH_TIME}" with aws or machine`,
  )
}

/** Throws Failure blocked when the time is not decided, or the cut-off fits neither AWS's time nor this machine's. */
export const checkTime = async (cutoff: Instant, context: Asking): Promise<void> => {
  const refused = (await decideTime(context)) ?? refuseCutoff(cutoff, context.clock.reading())
  if (refused)
    throw new Failure({ kind: 'blocked', what: 'the cut-off was not written', why: refused.why, remedy: refused.remedy })
}
