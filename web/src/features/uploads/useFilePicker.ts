// Opens the system's dialogue for files or a folder and queues what is picked.
import { isSystemFile } from './droppedFiles'
import { useUploadsStore } from './uploads.store'

type Kind = 'files' | 'folder' | 'file'

const inputs = new Map<Kind, HTMLInputElement>()

/** Kept in the page, one of each kind: some browsers drop the choice of a detached one. */
function inputOf(kind: Kind): HTMLInputElement {
  const existing = inputs.get(kind)
  if (existing) return existing
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = kind === 'files'
  input.webkitdirectory = kind === 'folder'
  input.hidden = true
  input.id = `${kind}-picker`
  document.body.append(input)
  inputs.set(kind, input)
  return input
}

function pick(kind: Kind, take: (files: File[]) => void): void {
  const input = inputOf(kind)
  input.onchange = () => {
    take([...(input.files ?? [])])
    input.value = ''
  }
  input.click()
}

export function useFilePicker() {
  const uploads = useUploadsStore()

  return {
    pickFiles: () => pick('files', (files) => uploads.add(files)),
    pickFolder: () => pick('folder', (files) => uploads.add(files.filter((file) => !isSystemFile(file)))),
    /** The file of an upload that is in the list already. */
    pickAgain: (key: string) => pick('file', ([file]) => file && uploads.continueWith(key, file)),
  }
}
