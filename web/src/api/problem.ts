// RFC 9457 problem details as one error class. `code` is the stable word that the interface translates.

export interface FieldProblem {
  field: string
  code: string
  detail: string
}

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'

  constructor(
    /** HTTP status; 0 when no answer arrived. */
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: FieldProblem[] = [],
    /** Members beyond the standard ones, such as `existing_id` of a duplicate. */
    readonly extra: Record<string, unknown> = {},
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(`${status} ${code}`)
  }
}

export function networkProblem(): ApiProblem {
  return new ApiProblem(0, 'network', '')
}

/** Builds a problem from whatever came back; proxies in between may answer without problem details. */
export function readProblem(status: number, body: unknown, retryAfter: string | null = null): ApiProblem {
  const members = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const text = (name: string) => (typeof members[name] === 'string' ? (members[name] as string) : '')
  const fields = Array.isArray(members.errors) ? (members.errors as FieldProblem[]) : []
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter)
  return new ApiProblem(
    status,
    text('code') || 'unexpected',
    text('detail') || text('title'),
    fields,
    members,
    Number.isFinite(seconds) ? seconds : null,
  )
}

export function isProblem(error: unknown, code: string): error is ApiProblem {
  return error instanceof ApiProblem && error.code === code
}

/** What the server says about one field of the form. */
export function fieldDetail(error: unknown, ...fields: string[]): FieldProblem | undefined {
  return error instanceof ApiProblem ? error.fields.find((entry) => fields.includes(entry.field)) : undefined
}
