import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { useShortcuts } from './useShortcuts'

function press(key: string, target: EventTarget = document.body): void {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
}

it('gives a key to the page before the frame around it, also when both come at once', () => {
  const pressed: string[] = []
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
  press('u')
  expect(pressed).toHaveLength(3)
})

it('rests while one types', () => {
  const pressed: string[] = []
  const page = defineComponent(() => {
    useShortcuts({ u: () => pressed.push('u') })
    return () => h('input', { type: 'text' })
  })
  const wrapper = mount(page, { attachTo: document.body })
  press('u', wrapper.find('input').element)
  expect(pressed).toEqual([])
  wrapper.unmount()
})
