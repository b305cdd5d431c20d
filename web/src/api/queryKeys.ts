// Every TanStack Query key, so that events and actions invalidate exactly what pages read.

export const queryKeys = {
  setup: ['setup'] as const,
  authOptions: ['auth', 'options'] as const,
  invite: ['auth', 'invite'] as const,
  me: ['me'] as const,
  sessions: ['auth', 'sessions'] as const,
  totp: ['auth', 'totp'] as const,
  apiTokens: ['auth', 'tokens'] as const,
  myAudit: ['me', 'audit'] as const,
  notifications: ['notifications'] as const,
  notificationList: ['notifications', 'list'] as const,
  notificationPreferences: ['notifications', 'preferences'] as const,
  admin: ['admin'] as const,
  adminStats: ['admin', 'stats'] as const,
  adminUsers: ['admin', 'users'] as const,
  adminUserList: (words: string) => ['admin', 'users', words] as const,
  adminInvites: ['admin', 'invites'] as const,
  adminJobs: ['admin', 'jobs'] as const,
  adminStorage: ['admin', 'storage'] as const,
  adminFindings: (kind: string) => ['admin', 'storage', 'findings', kind] as const,
  adminAudit: (filters: object) => ['admin', 'audit', filters] as const,
  quota: ['quota'] as const,
  topics: ['topics'] as const,
  /** All document lists, the trash included. */
  documentLists: ['documents', 'list'] as const,
  documentList: (filters: object) => ['documents', 'list', filters] as const,
  document: (id: string) => ['documents', 'one', id] as const,
  documentText: (id: string) => ['documents', 'text', id] as const,
  documentFile: (id: string) => ['documents', 'file', id] as const,
  /** How far the reading of a document is; only ever written by events. */
  documentProgress: (id: string) => ['documents', 'progress', id] as const,
  suggestions: (id: string) => ['documents', 'suggestions', id] as const,
  review: ['review'] as const,
  reviewList: ['review', 'list'] as const,
  reviewWaiting: ['review', 'waiting'] as const,
  filing: ['me', 'filing', 'settings'] as const,
  ai: ['me', 'ai', 'settings'] as const,
  aiProviders: ['me', 'ai', 'providers'] as const,
  aiLedger: ['me', 'ai', 'ledger'] as const,
  neverSend: ['me', 'ai', 'never-send'] as const,
  searches: ['search'] as const,
  search: (filters: object) => ['search', filters] as const,
}

/** The key of a mutation that makes the server send a notification, so that one's own deeds are no news to oneself. */
export const mutationOf = (notificationKind: string) => ['notification', notificationKind] as const
