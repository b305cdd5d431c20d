// A snippet arrives as HTML-escaped text with <mark> around what matched. It is never used as HTML: it is cut at the
// marks and unescaped into plain text nodes.

export interface SnippetPart {
  text: string
  isMatch: boolean
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#x27;': "'" }

function unescapeHtml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39|#x27);/g, (entity) => entities[entity] ?? entity)
}

export function snippetParts(snippet: string): SnippetPart[] {
  let isMatch = false
  const parts: SnippetPart[] = []
  for (const piece of snippet.split(/(<\/?mark>)/)) {
    if (piece === '<mark>') isMatch = true
    else if (piece === '</mark>') isMatch = false
    else if (piece !== '') parts.push({ text: unescapeHtml(piece), isMatch })
  }
  return parts
}
