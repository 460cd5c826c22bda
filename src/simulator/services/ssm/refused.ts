import { ServiceError } from '../../call.ts'
import { nextTokenPage } from '../../page.ts'

export const refused = (code: string, message: string): ServiceError => new ServiceError(code, message, 400)

/** One page of a list. Throws InvalidNextToken. */
export const ssmPage = nextTokenPage(50, () => refused('InvalidNextToken', 'The specified token is not valid.'))
