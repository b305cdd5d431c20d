// The actions of the audit trail that have words of their own, and the groups one can narrow them to.

export const activityGroups = ['sign_in', 'security', 'account', 'documents'] as const
export type ActivityGroup = (typeof activityGroups)[number]

const groupOfPrefix: Record<string, ActivityGroup> = {
  auth: 'sign_in',
  session: 'sign_in',
  totp: 'security',
  api_token: 'security',
  password: 'security',
  account: 'account',
  invite: 'account',
  admin: 'account',
  quota: 'account',
  document: 'documents',
  topic: 'documents',
  upload: 'documents',
  storage: 'documents',
}

export function activityGroup(action: string): ActivityGroup {
  return groupOfPrefix[action.split('.')[0] ?? ''] ?? 'account'
}

const icons: Record<ActivityGroup, string> = {
  sign_in: 'i-lucide-log-in',
  security: 'i-lucide-shield-check',
  account: 'i-lucide-user-round',
  documents: 'i-lucide-file-text',
}

/** Things that went wrong or were refused stand out. */
export function isAlarming(action: string): boolean {
  return /reuse|refused|failed|wrong|denied|damaged|document\.missing/.test(action)
}

export function activityIcon(action: string): string {
  return isAlarming(action) ? 'i-lucide-triangle-alert' : icons[activityGroup(action)]
}

/** `auth.signed_in` → the key of its words; messages are nested at dots, so the dot goes. */
export const actionKey = (action: string) => action.replaceAll('.', '_')
