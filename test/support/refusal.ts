import { Failure } from '../../src/incident/values/failure.ts'

/** The Failure with which work was refused; undefined when it was not. Anything else that is thrown fails the test. */
export const refusalOf = (work: () => unknown): Failure | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

/** The same for work that takes time. */
export const refusalOfAsync = async (work: Promise<unknown>): Promise<Failure | undefined> => {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}
