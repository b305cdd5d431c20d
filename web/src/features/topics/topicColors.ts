// The colours a topic may have, by the names the server keeps. Shown as a dot beside the name, never as the only sign.

export const topicColors = [
  'slate', 'red', 'orange', 'amber', 'yellow', 'lime', 'green', 'emerald', 'teal',
  'cyan', 'sky', 'blue', 'indigo', 'violet', 'purple', 'fuchsia', 'pink', 'rose',
  'zinc', 'neutral', 'stone',
] as const
export type TopicColor = (typeof topicColors)[number]

/** The stylesheet's variable for a colour name; anything unknown is slate. */
export function topicFill(color?: string | null): string {
  const known = topicColors.find((name) => name === color) ?? 'slate'
  // The kit takes this one for the interface's own grey and leaves it out of the stylesheet.
  return known === 'neutral' ? 'var(--ui-color-neutral-500)' : `var(--color-${known}-500)`
}

/** For a new topic: the colour that is used least so far, so that neighbours differ. */
export function nextTopicColor(used: readonly (string | null | undefined)[]): TopicColor {
  const count = (color: TopicColor) => used.filter((one) => one === color).length
  const [, ...vivid] = topicColors
  return vivid.reduce((best, color) => (count(color) < count(best) ? color : best))
}
