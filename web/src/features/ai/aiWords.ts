// Names of providers, and the words for what may be wrong with one. A word a newer server sends is told in general terms.
import { useI18n } from 'vue-i18n'
import { providerName as brandOf } from '@/shared/providerName'

const problems = [
  'unreachable', 'provider_unreachable', 'provider_refused', 'timeout', 'wrong_key', 'rate_limited', 'model_missing', 'bad_answer',
  'address_not_allowed', 'budget_spent', 'paused', 'never_send',
] as const

export function useAiWords() {
  const { t } = useI18n()

  function providerName(id: string): string {
    if (id === 'device') return t('ai.provider.device')
    if (id === 'openai_compatible') return t('ai.provider.openai_compatible')
    return brandOf(id) ?? id
  }

  function aiProblemText(code: string): string {
    const known = problems.find((problem) => problem === code)
    return t(`ai.problem.${known ?? 'other'}`)
  }

  return { providerName, aiProblemText }
}

/** Where a provider is reached, as one would name the place. Empty when the address makes no sense yet. */
export function hostOf(address: string | null | undefined): string {
  try {
    return new URL(address ?? '').host
  } catch {
    return ''
  }
}
