// Users other than the first, made as an administrator would, without clicking.
import { randomBytes } from 'node:crypto'
import { account, isScaled, origin } from './server'

export interface Person {
  displayName: string
  email: string
  password: string
}

interface CallOptions {
  token?: string
  cookie?: string
  body?: unknown
}

interface Answer {
  status: number
  body: Record<string, unknown>
  cookie: string
}

/** What may be asked once more when the process that was asked was killed over it; nothing here happens twice by it. */
const repeatable = new Set(['/auth/login', '/admin/invites'])

/** A call as a program would make it, not a browser. */
export async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const answer = await callOnce(method, path, options)
  const isCut = isScaled && answer.status === 502
  return isCut && (method === 'GET' || repeatable.has(path)) ? callOnce(method, path, options) : answer
}

async function callOnce(method: string, path: string, options: CallOptions): Promise<Answer> {
  const { token, cookie, body } = options
  const response = await fetch(`${origin}/api/v1${path}`, {
    method,
    headers: {
      Origin: origin,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(cookie && { Cookie: cookie }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: /json/.test(response.headers.get('Content-Type') ?? '') && text ? JSON.parse(text) : {}, cookie: response.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ') }
}

export async function logIn(person: { email: string; password: string }): Promise<{ token: string; cookie: string }> {
  const answer = await call('POST', '/auth/login', { body: { email: person.email, password: person.password } })
  if (answer.status !== 200) throw new Error(`login of ${person.email} answered ${answer.status} ${JSON.stringify(answer.body)}`)
  return { token: String(answer.body.access_token), cookie: answer.cookie }
}

/** Invites somebody of that name and signs them up. Addresses are new each time, so tests do not meet. */
export async function newPerson(displayName: string): Promise<Person> {
  const person = { displayName, email: `${displayName.toLowerCase()}-${randomBytes(4).toString('hex')}@example.org`, password: 'violet harbour pancake 7' }
  const { token } = await logIn(account)
  const invite = await call('POST', '/admin/invites', { token, body: { email: person.email } })
  const answer = await call('POST', '/auth/register', {
    body: { email: person.email, password: person.password, display_name: displayName, invite_token: invite.body.token, locale: 'en' },
  })
  if (answer.status !== 201) throw new Error(`signing ${person.email} up answered ${answer.status} ${JSON.stringify(answer.body)}`)
  // Signing up signs in; the tests count sessions of their own.
  await call('POST', '/auth/logout', { cookie: answer.cookie })
  return person
}
