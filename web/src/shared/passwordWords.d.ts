// The word lists of zxcvbn one by one: its index would bring words from Wikipedia too, which double the download for little.

declare module '@zxcvbn-ts/language-*js' {
  const words: string[]
  export default words
}
