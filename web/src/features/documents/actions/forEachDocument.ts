// Runs one call per document, a few at a time, and goes on when some of them fail.

export interface Outcome {
  done: string[]
  firstError: unknown
}

const atOnce = 4

export async function forEachDocument(ids: readonly string[], act: (id: string) => Promise<unknown>): Promise<Outcome> {
  const outcome: Outcome = { done: [], firstError: null }
  const waiting = [...ids]
  async function work(): Promise<void> {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await act(id)
        outcome.done.push(id)
      } catch (error) {
        outcome.firstError ??= error
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return outcome
}
