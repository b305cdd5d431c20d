// The one HTTP client. It adds the access token, renews it once when the server answers 401, asks for the password again
// when the server wants it recent, and turns every failure into an ApiProblem, so features neither see tokens nor parse errors.
import createClient from 'openapi-fetch'
import type { paths } from './schema'
import { ApiProblem, networkProblem, readProblem } from './problem'

/** Where the client gets its access token from; the session store implements it. */
export interface TokenSource {
  current(): string | null
  /** A token newer than `stale`, or null when the session is over. */
  renew(stale: string | null): Promise<string | null>
}

/** What the server may want of the user before it does something; the app implements it. */
export interface Gate {
  /** Asks for the password again. True once the server has accepted it, false when the user thought better of it. */
  confirmPassword(): Promise<boolean>
  /** The vault's policy wants a second factor before anything else. */
  wantsSecondFactor(): void
}

let tokens: TokenSource = { current: () => null, renew: () => Promise.resolve(null) }
let gate: Gate = { confirmPassword: () => Promise.resolve(false), wantsSecondFactor: () => undefined }

export function useTokenSource(source: TokenSource): void {
  tokens = source
}

export function useGate(implementation: Gate): void {
  gate = implementation
}

// These carry their own credentials (a password, a link's token, the refresh cookie) or need none: a 401 there is the answer.
const selfAuthenticated =
  /\/api\/v1\/(?:auth\/(?:login|login\/second-factor|refresh|logout|options|invite|register|password\/forgot|password\/reset|email\/confirm)|setup)$/

async function sendOnce(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set('Authorization', `Bearer ${token}`)
  try {
    return await fetch(request)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw networkProblem()
  }
}

/** Sends a request with the access token; on 401 renews it and tries exactly once more. */
async function sendSignedIn(request: Request): Promise<Response> {
  const token = tokens.current()
  const response = await sendOnce(request.clone(), token)
  if (response.status !== 401) return response
  const renewed = await tokens.renew(token)
  return renewed ? sendOnce(request.clone(), renewed) : response
}

async function codeOf(response: Response): Promise<unknown> {
  try {
    return ((await response.clone().json()) as { code?: unknown }).code
  } catch {
    return null
  }
}

/** The whole way of a request: the token, and whatever the server wants of the user first. */
export async function sendAuthenticated(request: Request): Promise<Response> {
  if (selfAuthenticated.test(new URL(request.url).pathname)) return sendOnce(request, null)
  const response = await sendSignedIn(request)
  if (response.status !== 403) return response
  const code = await codeOf(response)
  if (code === 'totp_enrolment_required') gate.wantsSecondFactor()
  if (code === 'reauth_required' && (await gate.confirmPassword())) return sendSignedIn(request)
  return response
}

export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  fetch: sendAuthenticated,
  querySerializer: { array: { style: 'form', explode: true } },
})

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of a successful answer; throws ApiProblem otherwise. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw readProblem(response.status, error, response.headers.get('Retry-After'))
  return data as T
}

/** Like unwrap, with the ETag that a later If-Match needs. */
export async function unwrapWithEtag<T>(call: Promise<Answer<T>>): Promise<{ data: T; etag: string | null }> {
  let etag: string | null = null
  const data = await unwrap(
    call.then((answer) => {
      etag = answer.response.headers.get('ETag')
      return answer
    }),
  )
  return { data, etag }
}

export { ApiProblem }
