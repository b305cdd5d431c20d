// Which tab carries an upload, so that no other shows it as interrupted. The browser lets go of it when the tab ends.

const nameOf = (documentId: string) => `docuvault-upload-${documentId}`

// Missing where the vault is reached by plain http.
const locks = (): LockManager | undefined => (navigator as { locks?: LockManager }).locks

/** Claims an upload for this tab. The answer lets go of it; null when another tab has it. */
export function holdUpload(documentId: string): Promise<(() => void) | null> {
  const manager = locks()
  if (!manager) return Promise.resolve(() => undefined)
  return new Promise((resolve) => {
    const claim = manager.request(nameOf(documentId), { ifAvailable: true }, (lock) => {
      if (lock) return new Promise<void>((letGo) => resolve(letGo))
      resolve(null)
    })
    claim.catch(() => resolve(() => undefined))
  })
}

/** Those of the uploads that some tab of this browser carries. */
export async function heldUploads(documentIds: string[]): Promise<Set<string>> {
  const manager = locks()
  if (!manager) return new Set()
  const names = new Set((await manager.query()).held?.map(({ name }) => name))
  return new Set(documentIds.filter((id) => names.has(nameOf(id))))
}
