import { trapOf } from './all.ts'
import { meetTrap } from './trap.ts'

/** What a bundle of the table gives, with or without a mutation in the product. */
export const table = { trapOf, meetTrap }
