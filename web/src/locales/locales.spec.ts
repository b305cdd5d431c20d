import { expect, it } from 'vitest'
import german from './de.json'
import english from './en.json'

type Messages = { [key: string]: string | Messages }

function flat(messages: Messages, prefix = ''): Record<string, string> {
  return Object.assign({}, ...Object.entries(messages).map(([key, value]) => (typeof value === 'string' ? { [prefix + key]: value } : flat(value, `${prefix}${key}.`))))
}

const en = flat(english)
const de = flat(german)
const sources = import.meta.glob<string>(['../**/*.{vue,ts}', '!../**/*.spec.ts'], { query: '?raw', import: 'default', eager: true })

it('has the same messages in every language', () => {
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort())
})

it('fills in the same values and plurals in every language', () => {
  const shape = (message: string) => [message.split(' | ').length, ...new Set(message.match(/\{\w+\}/g))].join()
  for (const [key, message] of Object.entries(en)) expect(shape(de[key] ?? ''), key).toBe(shape(message))
})

it('has a message for every key the code asks for', () => {
  const missing: string[] = []
  for (const [file, source] of Object.entries(sources)) {
    for (const [, key] of source.matchAll(/\bt\(\s*'([\w.-]+)'/g)) if (key && !(key in en)) missing.push(`${file}: ${key}`)
    for (const [, start] of source.matchAll(/\bt\(\s*`([\w.-]+)\$\{/g)) {
      if (!Object.keys(en).some((key) => key.startsWith(start ?? ''))) missing.push(`${file}: ${start}…`)
    }
  }
  expect(missing).toEqual([])
})

it('keeps no message that nothing asks for', () => {
  const code = Object.values(sources).join('\n')
  const starts = [...code.matchAll(/`([\w.]+[._])\$\{/g)].map(([, start]) => start ?? '')
  const unused = Object.keys(en).filter((key) => !code.includes(`'${key}'`) && !starts.some((start) => key.startsWith(start)))
  expect(unused).toEqual([])
})
