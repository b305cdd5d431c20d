import { expect, it } from 'vitest'
import { queryFromSearch, sameSearch, searchFromQuery, searchText, yearRange } from './searchFilters'
import { snippetParts } from './snippet'

it('cuts a snippet at its marks and unescapes the rest', () => {
  expect(snippetParts('due &lt;31 March&gt; &amp; <mark>paid</mark> &quot;in time&quot;')).toEqual([
    { text: 'due <31 March> & ', isMatch: false },
    { text: 'paid', isMatch: true },
    { text: ' "in time"', isMatch: false },
  ])
})

it('never makes markup of what a document says', () => {
  const [part] = snippetParts('&lt;mark&gt;&lt;img src=x onerror=alert(1)&gt; &amp;lt;b&amp;gt;')
  expect(part).toEqual({ text: '<mark><img src=x onerror=alert(1)> &lt;b&gt;', isMatch: false })
})

it('keeps the search in the address', () => {
  const filters = { q: 'water bill', topicIds: ['t1'], contentType: 'application/pdf', year: 2024, sort: '-document_date' as const }
  expect(searchFromQuery(queryFromSearch(filters) as never)).toEqual(filters)
  expect(searchFromQuery({ year: 'soon' }).year).toBeNull()
})

it('spans a year from its first to its last day', () => {
  expect(yearRange(2024)).toEqual({ document_date_after: '2024-01-01', document_date_before: '2024-12-31' })
})

it('keeps a search as the text of its address, whatever the order of its parts', () => {
  const filters = { q: 'gas & power', topicIds: ['t1', 't2'], contentType: null, year: 2024, sort: 'relevance' as const }
  expect(searchText(filters)).toBe('q=gas+%26+power&topic=t1&topic=t2&year=2024')
  expect(sameSearch('year=2024&topic=t1&topic=t2&q=gas%20%26%20power', filters)).toBe(true)
  expect(sameSearch('q=gas&year=2024', filters)).toBe(false)
  expect(sameSearch(searchText({ ...filters, sort: 'document_date' }), filters)).toBe(false)
})
