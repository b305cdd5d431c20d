// A button that was pressed rests while it is busy and loses the focus; when a form was refused, its field gets it.
import { nextTick, watch, type Ref } from 'vue'

export function useFocusOnProblem(form: Ref<HTMLElement | null>, problem: () => string, selector: string): void {
  watch(problem, async (text) => {
    if (!text) return
    await nextTick()
    const field = form.value?.querySelector<HTMLInputElement>(selector)
    if (!field || field.disabled) return
    field.focus()
    field.select()
  })
}
