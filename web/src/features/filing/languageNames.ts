// The languages text recognition knows by its own codes (ISO 639-2, some with a script), as readers call them.

const scripts: Record<string, string> = { chi_sim: 'zh-Hans', chi_tra: 'zh-Hant', srp_latn: 'sr-Latn', aze_cyrl: 'az-Cyrl', uzb_cyrl: 'uz-Cyrl', frk: 'de-Latf' }
const bibliographic: Record<string, string> = { ger: 'deu', fre: 'fra', dut: 'nld', cze: 'ces', gre: 'ell', rum: 'ron', slo: 'slk', alb: 'sqi' }

export function languageName(code: string, locale: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: 'language' }).of(scripts[code] ?? bibliographic[code] ?? code.replaceAll('_', '-')) ?? code
  } catch {
    // A code the browser does not know is shown as it is.
    return code
  }
}
