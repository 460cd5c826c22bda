// What a bundle of the table gives, with or without a mutation in the product.
export { allTraps, trapOf, traps } from './all.ts'
export { isHandled, meetTrap } from './trap.ts'
