// What one is choosing on the settings page, and what of it is sent to the server.
import type { AiChange, AiProvider, AiSettings } from '@/api/types'
import { hostOf } from './aiWords'

export interface ProviderDraft {
  provider: string
  model: string
  baseUrl: string
  /** Empty: the stored one stays as long as it goes to the same place. */
  apiKey: string
  autoClassify: boolean
  monthlyTokens: string
  /** For a million tokens; the ledger counts costs by them. */
  inputPrice: string
  outputPrice: string
}

const numberText = (value: number | null | undefined): string => (value == null ? '' : String(value))

export function draftOf(settings: AiSettings): ProviderDraft {
  return {
    provider: settings.provider,
    model: settings.model ?? '',
    baseUrl: settings.base_url ?? '',
    apiKey: '',
    autoClassify: settings.auto_classify,
    monthlyTokens: numberText(settings.monthly_token_limit),
    inputPrice: numberText(settings.input_price),
    outputPrice: numberText(settings.output_price),
  }
}

/** The address that will be used: one's own where it may be given, else the provider's. */
export function addressOf(draft: Pick<ProviderDraft, 'provider' | 'baseUrl'>, providers: readonly AiProvider[]): string {
  const known = providers.find(({ id }) => id === draft.provider)
  const own = draft.baseUrl.trim()
  return (known?.base_url_editable && own) || known?.default_base_url || own
}

function goesElsewhere(draft: ProviderDraft, settings: AiSettings, providers: readonly AiProvider[]): boolean {
  const now = { provider: settings.provider, baseUrl: settings.base_url ?? '' }
  return draft.provider !== settings.provider || addressOf(draft, providers) !== addressOf(now, providers)
}

/** The server forgets a stored key rather than sending it to another place. */
export function keepsKey(draft: ProviderDraft, settings: AiSettings, providers: readonly AiProvider[]): boolean {
  return settings.has_api_key && !goesElsewhere(draft, settings, providers)
}

/** Documents would begin to go to a host they did not go to before. */
export function needsConsent(draft: ProviderDraft, settings: AiSettings, providers: readonly AiProvider[]): boolean {
  if (draft.provider === 'device') return false
  const before = settings.provider === 'device' ? '' : hostOf(addressOf({ provider: settings.provider, baseUrl: settings.base_url ?? '' }, providers))
  return hostOf(addressOf(draft, providers)) !== before
}

export function changeOf(draft: ProviderDraft, providers: readonly AiProvider[]): AiChange {
  const provider = draft.provider as AiChange['provider']
  if (draft.provider === 'device') return { provider, auto_classify: false }
  const key = draft.apiKey.trim()
  const tokens = Number.parseInt(draft.monthlyTokens, 10)
  const [inputPrice, outputPrice] = [Number.parseFloat(draft.inputPrice), Number.parseFloat(draft.outputPrice)]
  const isEditable = providers.find(({ id }) => id === draft.provider)?.base_url_editable ?? false
  return {
    provider,
    auto_classify: draft.autoClassify,
    ...(draft.model.trim() && { model: draft.model.trim() }),
    ...(isEditable && draft.baseUrl.trim() && { base_url: draft.baseUrl.trim() }),
    ...(key && { api_key: key }),
    ...(Number.isFinite(tokens) && { monthly_token_limit: tokens }),
    ...(Number.isFinite(inputPrice) && { input_price: inputPrice }),
    ...(Number.isFinite(outputPrice) && { output_price: outputPrice }),
  }
}

export function isChanged(draft: ProviderDraft, settings: AiSettings, providers: readonly AiProvider[]): boolean {
  const before = draftOf(settings)
  if (draft.provider === 'device' || before.provider === 'device') return draft.provider !== before.provider
  return (
    goesElsewhere(draft, settings, providers) ||
    draft.apiKey.trim() !== '' ||
    draft.model.trim() !== before.model ||
    draft.autoClassify !== before.autoClassify ||
    // A field of numbers may hand over a number.
    (['monthlyTokens', 'inputPrice', 'outputPrice'] as const).some((part) => String(draft[part]) !== before[part])
  )
}
