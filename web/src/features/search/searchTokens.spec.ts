import { expect, it } from 'vitest'
import { hasFilter, withFilter, withoutFilter } from './searchTokens'

it('takes a filter away by whatever name it was typed, and nothing else', () => {
  expect(withoutFilter('water topic:tax bill', { field: 'topic', value: 'tax' })).toBe('water bill')
  expect(withoutFilter('Thema:"Kfz Versicherung" strom', { field: 'topic', value: 'kfz versicherung' })).toBe('strom')
  expect(withoutFilter('von:stadtwerke von:finanzamt', { field: 'from', value: 'finanzamt' })).toBe('von:stadtwerke')
  expect(withoutFilter('year:2025', { field: 'year', value: '2025' })).toBe('')
})

it('leaves a search alone that has no such filter', () => {
  for (const q of ['water  bill', '"topic:tax"', 'time:tax', 'topic:taxes']) expect(withoutFilter(q, { field: 'topic', value: 'tax' })).toBe(q)
})

it('adds a filter so that it is found again', () => {
  for (const value of ['stadtwerke', 'Stadtwerke München', 'A "quoted" name']) {
    const q = withFilter('water', 'from', value)
    expect(hasFilter(q, 'from', value.replaceAll('"', ' ').replace(/\s+/g, ' ')), q).toBe(true)
    expect(withoutFilter(q, { field: 'from', value: value.replaceAll('"', ' ').replace(/\s+/g, ' ') })).toBe('water')
  }
  expect(withFilter('', 'from', 'Stadtwerke München')).toBe('from:"Stadtwerke München"')
})
