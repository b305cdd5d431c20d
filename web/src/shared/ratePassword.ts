// How long a password would withstand guessing, by zxcvbn with English and German words. Heavy (more than half a megabyte of words,
// tenths of a second a check), so only the worker loads it.
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common'
import germanWords from '@zxcvbn-ts/language-de/dist/commonWords.json.esm.js'
import germanFirstNames from '@zxcvbn-ts/language-de/dist/firstnames.json.esm.js'
import germanLastNames from '@zxcvbn-ts/language-de/dist/lastnames.json.esm.js'
import englishWords from '@zxcvbn-ts/language-en/dist/commonWords.json.mjs'
import englishFirstNames from '@zxcvbn-ts/language-en/dist/firstnames.json.mjs'
import englishLastNames from '@zxcvbn-ts/language-en/dist/lastnames.json.mjs'

export type Score = 0 | 1 | 2 | 3 | 4

/** Beyond this nothing is learnt any more, and checking takes ever longer. */
const judgedChars = 64

const rater = new ZxcvbnFactory({
  dictionary: {
    ...common,
    'commonWords-en': englishWords,
    'firstnames-en': englishFirstNames,
    'lastnames-en': englishLastNames,
    'commonWords-de': germanWords,
    'firstnames-de': germanFirstNames,
    'lastnames-de': germanLastNames,
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
