import asc from 'assemblyscript/asc'

const FOLDER = 'src/investigation/sources/log-files/wasm/assembly'
/** What the module gives is what these files export. */
const ENTRIES = ['brackets', 'crc32', 'find', 'inflate'].map((name) => `${FOLDER}/${name}.ts`)
const LINE = 116

/** The file with the WebAssembly module that `wasm/assembly/` compiles to. */
export const moduleFile = async (): Promise<string> => {
  const lines = (await compiled()).toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []
  const begin = '// Compiled from assembly/ by `npm run docs`.\n\n/** The WebAssembly module of assembly/, in base64. */\n'
  return `${begin}export const MODULE = [\n${lines.map((line) => `  '${line}',\n`).join('')}].join('')\n`
}

const compiled = async (): Promise<Buffer> => {
  let module: Uint8Array | string = ''
  const options = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--importMemory', '--noAssert', '-o', 'module.wasm']
  const { error, stderr } = await asc.main([...ENTRIES, ...options], {
    writeFile: (_name: string, contents: Uint8Array | string) => {
      module = contents
    },
  })
  if (error) throw new Error(`The WebAssembly module does not compile: ${stderr.toString()}`)
  return Buffer.from(module)
}
