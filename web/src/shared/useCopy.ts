// Copies a text and says for a moment that it was done.
import { onScopeDispose, ref } from 'vue'

const saidForMs = 2500

export function useCopy() {
  const isCopied = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  /** False where the browser forbids it (plain http in a home network); the text can still be selected by hand. */
  async function copy(text: string): Promise<boolean> {
    clearTimeout(timer)
    try {
      await navigator.clipboard.writeText(text)
      isCopied.value = true
      timer = setTimeout(() => (isCopied.value = false), saidForMs)
    } catch {
      isCopied.value = false
    }
    return isCopied.value
  }

  onScopeDispose(() => clearTimeout(timer))
  return { copy, isCopied }
}
