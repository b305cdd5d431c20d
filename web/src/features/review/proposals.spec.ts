import { expect, it } from 'vitest'
import { someSuggestion } from '@/testing/documents'
import { likelyTopics, proposals, sureness } from './proposals'

const applied = someSuggestion('t0', { state: 'applied', confidence: 0.9 })
const first = someSuggestion('t1', { confidence: 0.44 })
const second = someSuggestion('t2', { confidence: 0.41 })
const third = someSuggestion('t3', { confidence: null })

it('picks the likeliest beforehand, and what is likely by itself', () => {
  expect(proposals([applied, first, second]).map(({ topic }) => topic.id)).toEqual(['t1', 't2'])
  expect(likelyTopics([applied, first, second, third])).toEqual(['t1'])
  expect(likelyTopics([someSuggestion('t1', { confidence: 0.7 }), someSuggestion('t2', { confidence: 0.5 }), third])).toEqual(['t1', 't2'])
  expect(likelyTopics([applied])).toEqual([])
})

it('says how sure filing is, the surer the bolder', () => {
  expect([0.99, 0.85, 0.7, 0.4, 0.1].map(sureness)).toEqual(['sure', 'sure', 'likely', 'maybe', 'unsure'])
})
