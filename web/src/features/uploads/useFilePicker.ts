// Opens the system's file dialogue and queues what is picked.
import { useUploadsStore } from './uploads.store'

let input: HTMLInputElement | null = null

export function useFilePicker() {
  const uploads = useUploadsStore()

  function pickFiles(): void {
    // One input for the whole app, kept in the page: some browsers drop the choice of a detached one.
    if (!input) {
      input = document.createElement('input')
      input.type = 'file'
      input.multiple = true
      input.hidden = true
      input.id = 'file-picker'
      document.body.append(input)
    }
    const picker = input
    picker.onchange = () => {
      uploads.add(picker.files ?? [])
      picker.value = ''
    }
    picker.click()
  }

  return { pickFiles }
}
