// What was typed as a second factor: six digits are a code of the app, anything else is a recovery code.
export type FactorProof = { totp_code: string } | { recovery_code: string }

export function factorProof(typed: string): FactorProof {
  const text = typed.trim()
  return /^\d{3} ?\d{3}$/.test(text) ? { totp_code: text.replace(' ', '') } : { recovery_code: text }
}
