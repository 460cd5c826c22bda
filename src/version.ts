import pkg from '../package.json' with { type: 'json' }

/** The version of ir-cred, as package.json has it. */
export const VERSION: string = pkg.version
