// Rates passwords off the main thread, so typing stays smooth.
import { ratePassword } from './ratePassword'

self.onmessage = (event: MessageEvent<{ id: number; password: string; knownWords: string[] }>) => {
  const { id, password, knownWords } = event.data
  self.postMessage({ id, score: ratePassword(password, knownWords) })
}
