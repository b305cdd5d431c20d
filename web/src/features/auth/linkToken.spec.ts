import { expect, it } from 'vitest'
import { holdLinkToken, takeLinkToken } from './linkToken'

it('takes a token out of the fragment and hands it out once', () => {
  expect(holdLinkToken('#token=abc-123')).toBe(true)
  expect(takeLinkToken('invite'), 'only to the page it is for').toBeNull()
  expect(takeLinkToken('token')).toBe('abc-123')
  expect(takeLinkToken('token')).toBeNull()
})

it('leaves other fragments alone', () => {
  for (const fragment of ['', '#main', '#token=', '#other=1', '#token=a&b=c']) expect(holdLinkToken(fragment), fragment).toBe(false)
})

it('drops a mangled token, and the address loses it all the same', () => {
  expect(holdLinkToken('#invite=%E0%A4%A')).toBe(true)
  expect(takeLinkToken('invite')).toBeNull()
})
