import type { Surface } from '../../src/terminal/surface.ts'

/** A surface that keeps what was written, as the streams of a process would show it. */
export const memorySurface = (
  options: Partial<Omit<Surface, 'out' | 'err' | 'columns'>> & { columns?: number } = {},
): { surface: Surface; out(): string; err(): string } => {
  const written = { out: '', err: '' }
  const { columns = 80, ...rest } = options
  return {
    surface: {
      colour: false,
      verbose: false,
      quiet: false,
      ...rest,
      columns: () => columns,
      out: {
        write: (text) => {
          written.out += text
        },
      },
      err: {
        write: (text) => {
          written.err += text
        },
      },
    },
    out: () => written.out,
    err: () => written.err,
  }
}
