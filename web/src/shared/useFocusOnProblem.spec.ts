import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import { useFocusOnProblem } from './useFocusOnProblem'

it('gives the focus to the field when the form was refused, and only then', async () => {
  const problem = ref('')
  const page = mount(
    defineComponent({
      setup() {
        const form = ref<HTMLElement | null>(null)
        useFocusOnProblem(form, () => problem.value, 'input[name=password]')
        return () => h('form', { ref: form }, [h('input', { name: 'email' }), h('input', { name: 'password' }), h('button')])
      },
    }),
    { attachTo: document.body },
  )
  page.find('button').element.focus()
  problem.value = 'wrong'
  await nextTick()
  await nextTick()
  expect(document.activeElement).toBe(page.find('[name=password]').element)
  page.find('button').element.focus()
  problem.value = ''
  await nextTick()
  await nextTick()
  expect(document.activeElement).toBe(page.find('button').element)
  page.unmount()
})
