import { expect, it } from 'vitest'
import { createEventParser } from './eventParser'

const stream = ': hello\n\nevent: document.updated\ndata: {"document_id":"d1"}\n\nevent: resync\r\ndata: {}\r\n\r\n'
const expected = [
  { name: 'document.updated', data: '{"document_id":"d1"}' },
  { name: 'resync', data: '{}' },
]

it('reads events however the stream is cut', () => {
  for (const size of [1, 2, 3, 7, stream.length]) {
    const parse = createEventParser()
    const events = []
    for (let start = 0; start < stream.length; start += size) events.push(...parse(stream.slice(start, start + size)))
    expect(events, `pieces of ${size}`).toEqual(expected)
  }
})

it('joins several data lines and skips what has none', () => {
  expect(createEventParser()('event: a\n\ndata: one\ndata:two\n\n')).toEqual([{ name: 'message', data: 'one\ntwo' }])
})
