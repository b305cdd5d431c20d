// How long a password would withstand guessing, by zxcvbn with English and German words. Heavy (about a megabyte of words,
// tenths of a second a check), so only the worker loads it.
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common'
import { dictionary as german } from '@zxcvbn-ts/language-de'
import { dictionary as english } from '@zxcvbn-ts/language-en'

export type Score = 0 | 1 | 2 | 3 | 4

/** Beyond this nothing is learnt any more, and checking takes ever longer. */
const judgedChars = 64

const rater = new ZxcvbnFactory({
  dictionary: {
    ...common,
    ...english,
    'commonWords-de': german.commonWords,
    'firstnames-de': german.firstnames,
    'lastnames-de': german.lastnames,
  },
  graphs: adjacencyGraphs,
  maxLength: judgedChars,
})

export function ratePassword(password: string, knownWords: string[]): Score {
  const known = ['docuvault', ...knownWords.flatMap((words) => [words, ...words.split(/[\s@._-]+/)])].filter((word) => word.length >= 3)
  // What is made of one's own name and little else is guessed by those who know one, whatever the estimate says.
  const lower = password.toLowerCase()
  const strange = known.reduce((rest, word) => rest.replaceAll(word.toLowerCase(), ''), lower)
  const score = rater.check(password.slice(0, judgedChars), known).score
  return strange.length < 6 ? (Math.min(score, 1) as Score) : score
}
