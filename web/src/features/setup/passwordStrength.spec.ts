import { expect, it } from 'vitest'
import { passwordStrength } from './passwordStrength'

it.each([
  ['seven77', 'short'],
  ['aaaaaaaaaaaaaaaa', 'weak'],
  ['Password1234567', 'weak'],
  ['blue kite', 'weak'],
  ['blue kite over', 'fair'],
  ['four plain words here', 'strong'],
  ['Tr1cky-lampshade', 'strong'],
])('%s is %s', (password, strength) => {
  expect(passwordStrength(password)).toBe(strength)
})

it('counts a password with the own name in it as weak', () => {
  expect(passwordStrength('annakeller and some more', ['AnnaKeller'])).toBe('weak')
})
