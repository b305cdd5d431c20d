import { expect, it } from 'vitest'
import { ratePassword } from './ratePassword'
import { strengthOf } from './usePasswordStrength'

const strength = (password: string, known: string[] = []) => strengthOf(password, ratePassword(password, known))

it.each([
  ['seven77', 'short'],
  ['aaaaaaaaaaaaaaaa', 'weak'],
  ['Password1234567', 'weak'],
  ['Passwort2026', 'weak'],
  ['qwertzuiop', 'weak'],
  ['four plain words here', 'strong'],
  ['Tr1cky-lampshade', 'strong'],
])('%s is %s', (password, expected) => {
  expect(strength(password)).toBe(expected)
})

it('counts a password made of the own name or address as weak', () => {
  expect(strength('AnnaKeller1', ['Anna Keller', 'anna@example.org'])).toBe('weak')
  expect(strength('anna.example.org', ['Anna Keller', 'anna@example.org'])).toBe('weak')
  expect(strength('annakeller and some more words', ['Anna Keller'])).toBe('strong')
})

it('counts characters, not bytes or halves of them', () => {
  expect(strengthOf('🦊🦊🦊🦊', 4)).toBe('short')
  expect(strengthOf('äöüßäöüß', 2)).toBe('fair')
})

it('judges a very long password in no more time than a long one', () => {
  const started = performance.now()
  ratePassword('kj3 4kj h98 sdf jk23 '.repeat(6), [])
  expect(performance.now() - started).toBeLessThan(3000)
})
