// Links in mails carry their token after the #, which browsers send to nobody. It is taken out of the address at once, so
// that it gets into no history, bookmark or storage, and is kept in memory for the page it belongs to.

import { ref, watch, type Ref } from 'vue'

export type LinkToken = 'token' | 'invite'

const held = new Map<LinkToken, string>()
const arrivals = ref(0)

/** Takes a token out of an address's fragment. True when there was one, and the address should lose it. */
export function holdLinkToken(fragment: string): boolean {
  const [, kind, value] = /^#(token|invite)=([^&]+)$/.exec(fragment) ?? []
  if (!kind || !value) return false
  try {
    held.set(kind as LinkToken, decodeURIComponent(value))
  } catch {
    // A mangled link; the page will say that it does not work.
  }
  arrivals.value += 1
  return true
}

/** Hands the token out once. */
export function takeLinkToken(kind: LinkToken): string | null {
  const token = held.get(kind) ?? null
  held.delete(kind)
  return token
}

/** The token for this page, also when another link is opened while the page is shown. */
export function useLinkToken(kind: LinkToken): Ref<string | null> {
  const token = ref(takeLinkToken(kind))
  watch(arrivals, () => (token.value = takeLinkToken(kind) ?? token.value))
  return token
}
