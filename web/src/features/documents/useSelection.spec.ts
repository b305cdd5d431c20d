import { expect, it } from 'vitest'
import { ref } from 'vue'
import { useSelection } from './useSelection'

it('toggles, extends from the last one touched, and clears', () => {
  const selection = useSelection(() => ['a', 'b', 'c', 'd', 'e'])
  selection.toggle('d')
  selection.extendTo('b')
  expect(selection.selected.value).toEqual(['b', 'c', 'd'])
  selection.toggle('c')
  expect(selection.selected.value).toEqual(['b', 'd'])
  selection.clear()
  expect(selection.selected.value).toEqual([])
})

it('starts with one when there is nothing to extend from', () => {
  const selection = useSelection(() => ['a', 'b', 'c'])
  selection.extendTo('b')
  expect(selection.selected.value).toEqual(['b'])
})

it('forgets what left the list', () => {
  const ids = ref(['a', 'b'])
  const selection = useSelection(() => ids.value)
  selection.selectAll()
  ids.value = ['b']
  expect(selection.selected.value).toEqual(['b'])
})
