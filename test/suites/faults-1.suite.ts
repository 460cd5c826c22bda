import { describeCells } from './describe-cells.ts'

await describeCells(0)
