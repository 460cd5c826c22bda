/** What starts without WebAssembly, as with `node --jitless` or by a processor without SIMD. */
export const withoutWasm = <T>(start: () => T): T => {
  const { WebAssembly } = globalThis as { WebAssembly?: unknown }
  try {
    Reflect.deleteProperty(globalThis, 'WebAssembly')
    return start()
  } finally {
    Object.defineProperty(globalThis, 'WebAssembly', {
      value: WebAssembly,
      configurable: true,
      writable: true,
      enumerable: false,
    })
  }
}
