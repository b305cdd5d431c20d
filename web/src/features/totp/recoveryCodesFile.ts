// Recovery codes as a text to keep: in a file, or on paper.

export function recoveryCodesText(title: string, hint: string, codes: string[]): string {
  return `${title}\n${hint}\n\n${codes.join('\n')}\n`
}

export function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
