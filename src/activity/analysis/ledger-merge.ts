import { type CountTable, count } from './count-table.ts'
