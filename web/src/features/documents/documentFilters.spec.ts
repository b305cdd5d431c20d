import { expect, it } from 'vitest'
import { filtersFromQuery, isFiltered, queryFromFilters } from './documentFilters'

it('reads back what it wrote', () => {
  const filters = { topicIds: ['a', 'b'], contentType: 'application/pdf', status: 'failed', sort: 'title' } as const
  expect(filtersFromQuery(queryFromFilters({ ...filters, topicIds: [...filters.topicIds] }) as never)).toEqual(filters)
})

it('leaves the address short when nothing is chosen', () => {
  expect(queryFromFilters(filtersFromQuery({}))).toEqual({})
  expect(isFiltered(filtersFromQuery({ sort: 'title' }))).toBe(false)
})

it('ignores what nobody could have chosen', () => {
  expect(filtersFromQuery({ status: 'exploded', sort: 'random', topic: ['', 'a'] })).toEqual({ topicIds: ['a'], contentType: null, status: null, sort: '-created_at' })
})
