import { expect, test } from 'vitest'
import { safeNext } from './safeNext'

test.each([
  ['/', '/'],
  ['/documents/1?x=//evil.example#y', '/documents/1?x=//evil.example#y'],
  ['/search?q=a%20b', '/search?q=a%20b'],
  ['/%5cevil.example', '/%5cevil.example'],
])('SEC-WEB-03: %j is an address of this app', (next, shown) => {
  expect(safeNext(next)).toBe(shown)
  expect(new URL(next, 'https://vault.example').origin).toBe('https://vault.example')
})

test.each([
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r\\evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/\u0000/evil.example',
  'https://evil.example',
  'https:evil.example',
  'javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  'evil.example',
  'documents',
  './/evil.example',
  '/..//evil.example',
  '/.//evil.example',
  '',
  undefined,
  null,
  ['/trash', '//evil.example'],
])('SEC-WEB-03: %j leads to the library instead', (next) => {
  expect(safeNext(next)).toBe('/')
})
