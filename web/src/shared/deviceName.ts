// A device in a few words, out of what its browser says of itself. Good enough to tell one's own devices apart.

const browsers: [RegExp, string][] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\/|\bChromium\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*Safari\//, 'Safari'],
]

const systems: [RegExp, string, DeviceKind][] = [
  [/\biPhone\b/, 'iPhone', 'phone'],
  [/\biPad\b/, 'iPad', 'tablet'],
  [/\bAndroid\b.*\bMobile\b/, 'Android', 'phone'],
  [/\bAndroid\b/, 'Android', 'tablet'],
  [/\bCrOS\b/, 'ChromeOS', 'computer'],
  [/\bWindows\b/, 'Windows', 'computer'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS', 'computer'],
  [/\bLinux\b|\bX11\b/, 'Linux', 'computer'],
]

export type DeviceKind = 'computer' | 'phone' | 'tablet' | 'program'

export interface Device {
  kind: DeviceKind
  /** Empty when nothing is known. */
  browser: string
  system: string
}

export function deviceOf(userAgent: string | null | undefined): Device {
  const text = userAgent?.trim() ?? ''
  const browser = browsers.find(([sign]) => sign.test(text))?.[1] ?? ''
  const [, system = '', kind = 'program' as DeviceKind] = systems.find(([sign]) => sign.test(text)) ?? []
  // Programs name themselves first: curl/8.5, python-requests/2.
  const program = browser || system ? '' : (/^[\w.-]+/.exec(text)?.[0] ?? '')
  return { kind: browser ? kind : system ? kind : 'program', browser: browser || program, system }
}
