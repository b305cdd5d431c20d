// Where a sign-in leads: only to addresses of this app, so that a crafted link cannot lead a fresh sign-in elsewhere.

/** What a browser leaves out of an address (tab, line break) or reads as a slash, and so could turn a path into another host. */
const treacherous = /[\u0000-\u0020\u007f\\]/

export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/') || next.startsWith('//') || treacherous.test(next)) return '/'
  // As the browser understands it, dots and all.
  const { origin, pathname } = new URL(next, location.origin)
  return origin === location.origin && !pathname.startsWith('//') ? next : '/'
}
