import { mount } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { useShortcuts, useShortcutSwitch } from './useShortcuts'

const pressed: string[] = []
const layer = (name: string, ...keys: string[]) =>
  mount(
    defineComponent({
      setup() {
        useShortcuts(Object.fromEntries(keys.map((key) => [key, () => pressed.push(`${name} ${key}`)])))
        return () => h('div', [h('input'), h('button')])
      },
    }),
    { attachTo: document.body },
  )
const press = (key: string, target: Element = document.body, more: KeyboardEventInit = {}) =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))

afterEach(() => {
  pressed.length = 0
  useShortcutSwitch().value = 'on'
})

it('takes the page before the frame, and the frame for what the page does not know', () => {
  const frame = layer('frame', 'u', '/')
  const page = layer('page', 'u', 'Enter')
  press('u')
  press('/')
  page.unmount()
  press('u')
  frame.unmount()
  press('u')
  expect(pressed).toEqual(['page u', 'frame /', 'frame u'])
})

it('rests while one types, with a modifier, and when it is switched off', () => {
  const page = layer('page', 'u', 'Enter')
  press('u', page.find('input').element)
  press('u', document.body, { ctrlKey: true })
  press('Enter', page.find('button').element)
  useShortcutSwitch().value = 'off'
  press('u')
  expect(pressed).toEqual([])
  page.unmount()
})

it('takes the page before the frame also when both come at once, and a ticked box for no place to type', () => {
  const page = defineComponent(() => {
    useShortcuts({ u: () => pressed.push('page u') })
    return () => h('input', { type: 'checkbox' })
  })
  const frame = defineComponent(() => {
    useShortcuts({ u: () => pressed.push('frame u'), g: () => pressed.push('frame g') })
    return () => h(page)
  })
  const wrapper = mount(frame, { attachTo: document.body })
  press('u')
  press('g')
  press('u', wrapper.find('input').element)
  expect(pressed).toEqual(['page u', 'frame g', 'page u'])
  wrapper.unmount()
})
