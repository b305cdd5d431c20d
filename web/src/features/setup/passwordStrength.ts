// A hint, not a gate: the server decides. Length counts most, because that is what makes guessing slow.

export type Strength = 'short' | 'weak' | 'fair' | 'strong'
/** What the server asks for at least. */
export const shortestPassword = 8

const common = /^(?:password|passwort|qwert[yz]|letmein|admin|welcome|docuvault|123456)/i

export function passwordStrength(password: string, knownWords: string[] = []): Strength {
  if (password.length < shortestPassword) return 'short'
  const lower = password.toLowerCase()
  const repeatsItself = new Set(lower).size < 6
  const isKnown = knownWords.some((word) => word.length >= 4 && lower.includes(word.toLowerCase()))
  if (repeatsItself || isKnown || common.test(password)) return 'weak'
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(password)).length
  return password.length >= 20 || (password.length >= 14 && kinds >= 3) ? 'strong' : password.length < 12 ? 'weak' : 'fair'
}
