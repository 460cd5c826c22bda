import { HiveSQL } from 'dt-sql-parser/dist/parser/hive/index.js'
import { TrinoSQL } from 'dt-sql-parser/dist/parser/trino/index.js'

// The parsers of all its languages together take half a minute to load.

/** What is wrong with a text by Trino's grammar, which Athena's engine version 3 and CloudTrail Lake share. */
export const faultsInTrino = (text: string): readonly string[] => new TrinoSQL().validate(text).map(({ message }) => message)

/** What is wrong with a text by Hive's grammar: Athena's CREATE EXTERNAL TABLE is Hive's, not Trino's ("DDL statements"). */
export const faultsInHive = (text: string): readonly string[] => new HiveSQL().validate(text).map(({ message }) => message)
