// Hashes a file off the main thread, chunk by chunk, so that a file larger than memory works too. (WebCrypto hashes only
// what is already in memory, and only in secure contexts.)
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

self.onmessage = async (event: MessageEvent<File>) => {
  try {
    const hash = sha256.create()
    const reader = event.data.stream().getReader()
    let hashedBytes = 0
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      hash.update(chunk.value)
      hashedBytes += chunk.value.length
      self.postMessage({ hashedBytes })
    }
    self.postMessage({ sha256: bytesToHex(hash.digest()) })
  } catch {
    self.postMessage({ failed: true })
  }
}
