// What is still open of a document's suggestions, and how sure filing is of one, in words.
import type { Suggestion } from '@/api/types'

/** From here on a proposal is picked beforehand, besides the likeliest. */
const likely = 0.5

export function proposals(suggestions: readonly Suggestion[]): Suggestion[] {
  return suggestions.filter(({ state }) => state === 'proposed')
}

/** The topics that accepting without further ado puts on a document. */
export function likelyTopics(suggestions: readonly Suggestion[]): string[] {
  return proposals(suggestions)
    .filter(({ confidence }, index) => index === 0 || (confidence ?? 0) >= likely)
    .map(({ topic }) => topic.id)
}

export type Sureness = 'sure' | 'likely' | 'maybe' | 'unsure'

export function sureness(confidence: number): Sureness {
  if (confidence >= 0.85) return 'sure'
  if (confidence >= 0.6) return 'likely'
  return confidence >= 0.35 ? 'maybe' : 'unsure'
}
