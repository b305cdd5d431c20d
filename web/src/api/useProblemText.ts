// Says in the reader's language what went wrong: by code where we know it, else in the server's own words.
import { useI18n } from 'vue-i18n'
import { ApiProblem, fieldDetail } from './problem'

export function useProblemText() {
  const { t, te } = useI18n()

  function textOfCode(code: string, fallback: string, values: Record<string, unknown> = {}): string {
    const key = `problem.${code}`
    return te(key) || te(key, 'en') ? t(key, values) : fallback || t('problem.unexpected')
  }

  function problemText(error: unknown): string {
    if (!(error instanceof ApiProblem)) return t('problem.unexpected')
    const detail = error.fields[0]?.detail || error.detail
    // A failed validation is only helpful with the server's sentence about the field.
    if (error.code === 'validation_failed' && detail) return detail
    return textOfCode(error.code, detail, { seconds: error.retryAfterSeconds ?? 30 })
  }

  /** The words for one field of a form, or undefined when the server has nothing against it. */
  function fieldText(error: unknown, ...fields: string[]): string | undefined {
    const problem = fieldDetail(error, ...fields)
    if (!problem) return undefined
    const known = `problem.field_${problem.code}`
    return te(known) || te(known, 'en') ? t(known) : problem.detail
  }

  return { problemText, fieldText, textOfCode }
}
