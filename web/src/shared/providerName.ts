// The names of AI providers, which are the same in every language.
const brands: Record<string, string> = { openai: 'OpenAI', anthropic: 'Anthropic', gemini: 'Google Gemini', mistral: 'Mistral', ollama: 'Ollama' }

/** Undefined for one that has no name of its own. */
export function providerName(id: string): string | undefined {
  return brands[id]
}
