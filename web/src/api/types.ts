// Names for the shapes that calls answer with, derived from the generated schema by path, never written by hand.
import type { paths } from './schema'

type Json<R> = R extends { content: { 'application/json': infer Body } } ? Body : never
type Success<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 | 202 ? Json<R[S]> : never }[keyof R]
  : never

/** The JSON body a successful call answers with. */
export type Answer<P extends keyof paths, M extends keyof paths[P]> = Success<paths[P][M]>
/** The JSON body a call takes. */
export type Body<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
  requestBody?: infer B
}
  ? Json<NonNullable<B>>
  : never

export type Session = Answer<'/api/v1/auth/login', 'post'>
export type User = Session['user']
export type Role = User['role']
export type Profile = Answer<'/api/v1/me', 'get'>
export type SessionListed = Answer<'/api/v1/auth/sessions', 'get'>['items'][number]
export type ApiToken = Answer<'/api/v1/auth/tokens', 'get'>['items'][number]
export type AuditEntry = Answer<'/api/v1/me/audit', 'get'>['items'][number]
export type Notification = Answer<'/api/v1/notifications', 'get'>['items'][number]
export type NotificationPreference = Answer<'/api/v1/me/notification-preferences', 'get'>['items'][number]
export type AdminUser = Answer<'/api/v1/admin/users', 'get'>['items'][number]
export type Invite = Answer<'/api/v1/admin/invites', 'get'>['items'][number]
export type AdminAuditEntry = Answer<'/api/v1/admin/audit', 'get'>['items'][number]
export type OneTimeLink = Answer<'/api/v1/admin/users/{id}/password-reset-link', 'post'>
export type AdminJobs = Answer<'/api/v1/admin/jobs', 'get'>
export type Document = Answer<'/api/v1/documents/{id}', 'get'>
export type DocumentPage = Answer<'/api/v1/documents', 'get'>
export type DocumentStatus = Document['status']
export type DocumentChanges = Body<'/api/v1/documents/{id}', 'patch'>
export type DocumentText = Answer<'/api/v1/documents/{id}/text', 'get'>
export type TopicPage = Answer<'/api/v1/topics', 'get'>
export type Topic = TopicPage['items'][number]
export type Quota = Answer<'/api/v1/me/quota', 'get'>
export type StartedUpload = Answer<'/api/v1/documents', 'post'>
export type SingleTarget = NonNullable<StartedUpload['upload']['single']>
export type OpenUpload = Answer<'/api/v1/documents/{id}/upload', 'get'>
export type SignedParts = Answer<'/api/v1/documents/{id}/upload/parts', 'post'>
export type StoredPart = OpenUpload['parts'][number]
export type StorageReport = Answer<'/api/v1/admin/storage', 'get'>
export type StorageFinding = Answer<'/api/v1/admin/storage/findings', 'get'>['items'][number]
export type SearchPage = Answer<'/api/v1/search', 'get'>
export type SearchHit = SearchPage['items'][number]
export type Facets = SearchPage['facets']
export type Interpretation = SearchPage['interpretation']
export type Suggestions = Answer<'/api/v1/documents/{id}/suggestions', 'get'>
export type Suggestion = Suggestions['items'][number]
export type Decision = Body<'/api/v1/documents/{id}/suggestions', 'post'>
export type ReviewPage = Answer<'/api/v1/review', 'get'>
export type ReviewItem = ReviewPage['items'][number]
export type FilingSettings = Answer<'/api/v1/me/filing', 'get'>
export type FilingRun = Answer<'/api/v1/me/filing/runs', 'get'>['items'][number]
export type FilingChange = Body<'/api/v1/me/filing', 'put'>
export type AiSettings = Answer<'/api/v1/me/ai', 'get'>
export type AiChange = Body<'/api/v1/me/ai', 'put'>
export type AiProvider = Answer<'/api/v1/me/ai/providers', 'get'>['items'][number]
export type NeverSendRule = Answer<'/api/v1/me/ai/never-send', 'get'>['items'][number]
export type NewNeverSendRule = Body<'/api/v1/me/ai/never-send', 'post'>
export type LedgerEntry = Answer<'/api/v1/me/ai/ledger', 'get'>['items'][number]
