// Runs before the first paint, so a dark page never flashes white. Kept as a file because the CSP allows no inline
// script. The app changes the same key in src/app/useTheme.ts.
;(function () {
  var choice = null
  try {
    choice = localStorage.getItem('docuvault.theme')
  } catch {
    // Storage may be switched off; the system's choice holds then.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.add(dark ? 'dark' : 'light')
})()
