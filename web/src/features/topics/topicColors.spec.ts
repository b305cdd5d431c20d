import { expect, it } from 'vitest'
import { nextTopicColor, topicColors, topicFill } from './topicColors'

it('never lets a server value into a style as it is', () => {
  expect(topicFill('sky')).toBe('var(--color-sky-500)')
  expect(topicFill('neutral')).toBe('var(--ui-color-neutral-500)')
  expect(topicFill('red; background: url(//evil)')).toBe('var(--color-slate-500)')
  expect(topicFill(null)).toBe('var(--color-slate-500)')
})

it('gives new topics the colour that is used least', () => {
  const [, ...vivid] = topicColors
  expect(nextTopicColor([])).toBe('red')
  expect(nextTopicColor(['red', 'orange'])).toBe('amber')
  expect(nextTopicColor([...vivid, 'red'])).toBe('orange')
})
