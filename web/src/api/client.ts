// The one HTTP client. It adds the access token, renews it once when the server answers 401, and turns every failure
// into an ApiProblem, so features neither see tokens nor parse errors.
import createClient from 'openapi-fetch'
import type { paths } from './schema'
import { ApiProblem, networkProblem, readProblem } from './problem'

/** Where the client gets its access token from; the session store implements it. */
export interface TokenSource {
  current(): string | null
  /** A token newer than `stale`, or null when the session is over. */
  renew(stale: string | null): Promise<string | null>
}

let tokens: TokenSource = { current: () => null, renew: () => Promise.resolve(null) }

export function useTokenSource(source: TokenSource): void {
  tokens = source
}

// These carry their own credentials (a password, a setup token, the refresh cookie): a 401 there is the answer.
const selfAuthenticated = /\/api\/v1\/(?:auth\/(?:login|refresh|logout)|setup)$/

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
export async function sendAuthenticated(request: Request): Promise<Response> {
  if (selfAuthenticated.test(new URL(request.url).pathname)) return sendOnce(request, null)
  const spare = request.clone()
  const token = tokens.current()
  const response = await sendOnce(request, token)
  if (response.status !== 401) return response
  const renewed = await tokens.renew(token)
  return renewed ? sendOnce(spare, renewed) : response
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
