// The files of a drop, those inside dropped folders included.

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return new Promise((resolve) => (entry as FileSystemFileEntry).file((file) => resolve([file]), () => resolve([])))
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const files: File[] = []
  // A reader hands out a folder in portions until one is empty.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])))
    if (portion.length === 0) return files
    for (const found of await Promise.all(portion.map(filesOf))) for (const file of found) files.push(file)
  }
}

/** What systems leave in folders for themselves. */
export const isSystemFile = (file: File) => /^(?:\.DS_Store|Thumbs\.db|desktop\.ini)$/.test(file.name)

export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Entries must be taken before the first await: the browser empties the transfer after the event.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const files = entries.length > 0 ? (await Promise.all(entries.map(filesOf))).flat() : [...transfer.files]
  return files.filter((file) => !isSystemFile(file))
}
