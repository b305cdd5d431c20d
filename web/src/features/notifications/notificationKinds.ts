// The kinds of notifications that have words and a look here. One that a newer server sends is shown in general words.

export const notificationKinds = [
  'security.refresh_reused',
  'security.new_sign_in',
  'security.password_changed',
  'security.password_reset',
  'security.reset_link_made',
  'security.totp_enabled',
  'security.totp_disabled',
  'security.totp_reset_by_admin',
  'security.recovery_code_used',
  'security.recovery_codes_made',
  'security.email_change_started',
  'security.email_changed',
  'security.api_token_made',
  'security.ai_provider_chosen',
  'security.sessions_ended_by_admin',
  'account.role_changed',
  'account.quota_changed',
  'documents.reading_failed',
  'documents.storage_problem',
  'documents.ai_paused',
] as const
export type NotificationKind = (typeof notificationKinds)[number]

export function knownKind(kind: string): NotificationKind | null {
  return notificationKinds.find((known) => known === kind) ?? null
}

/** `grave` interrupts; `watchful` is shown at once, politely; `calm` waits at the bell. */
export type Weight = 'grave' | 'watchful' | 'calm'

export function weightOf(kind: string): Weight {
  if (kind === 'security.refresh_reused') return 'grave'
  return kind.startsWith('security.') || kind === 'documents.storage_problem' ? 'watchful' : 'calm'
}

const icons: Record<Weight, string> = { grave: 'i-lucide-siren', watchful: 'i-lucide-shield-alert', calm: 'i-lucide-info' }
const colors: Record<Weight, 'error' | 'warning' | 'neutral'> = { grave: 'error', watchful: 'warning', calm: 'neutral' }
const textColors: Record<Weight, string> = { grave: 'text-error', watchful: 'text-warning', calm: 'text-muted' }

export function lookOf(kind: string) {
  const weight = weightOf(kind)
  const icon = kind.startsWith('documents.') ? 'i-lucide-file-warning' : icons[weight]
  return { weight, icon, color: colors[weight], textColor: textColors[weight] }
}

/** Where one can do something about it. */
export function placeOf(kind: string, data: Record<string, unknown> = {}): string {
  if (kind === 'documents.storage_problem') return typeof data.document_id === 'string' ? `/documents/${data.document_id}` : '/'
  if (kind === 'documents.reading_failed') return '/?status=failed'
  if (kind === 'documents.ai_paused' || kind === 'security.ai_provider_chosen') return '/settings/ai'
  if (kind === 'security.api_token_made') return '/settings/tokens'
  if (kind.startsWith('security.email')) return '/settings/profile'
  if (kind === 'account.quota_changed' || kind === 'account.role_changed') return '/settings/profile'
  return '/settings/security'
}
