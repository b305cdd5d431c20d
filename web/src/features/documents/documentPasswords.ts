// Passwords of encrypted documents that were typed since the page was loaded: in memory only, so that a document is asked for once.
import { reactive } from 'vue'

export const documentPasswords = reactive(new Map<string, string>())
