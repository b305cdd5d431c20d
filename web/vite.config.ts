// Builds the single-page app into dist/, which crates/web-assets embeds. In `npm run dev` the API is proxied to a
// running server, so the browser sees one origin exactly as in production.
import { cpSync, createReadStream, existsSync } from 'node:fs'
import { normalize } from 'node:path/posix'
import { fileURLToPath, URL } from 'node:url'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vitest/config'

const server = process.env.DOCUVAULT_DEV_SERVER ?? 'http://127.0.0.1:8080'
const inPackage = (path: string) => fileURLToPath(new URL(`./node_modules/${path}`, import.meta.url))

/** Nuxt UI writes its palette as a run-time <style>, which a strict CSP blocks; src/ui/tokens.css holds it instead. */
function paletteFromStylesheet(): Plugin {
  return {
    name: 'docuvault:palette-from-stylesheet',
    enforce: 'pre',
    load(id) {
      if (/@nuxt\/ui\/dist\/runtime\/plugins\/colors\.js$/.test(id)) return 'export default { install() {} }'
    },
  }
}

/**
 * pdf.js fetches character maps, fonts and image decoders by name at run time; they ship beside the bundle. Of the
 * decoders only the plain JavaScript ones, because the CSP allows no WebAssembly.
 */
function pdfResources(): Plugin {
  const folders = ['cmaps', 'standard_fonts', 'wasm']
  const isShipped = (path: string) => !/\.wasm$|quickjs|QUICKJS|qcms|QCMS/.test(path)
  return {
    name: 'docuvault:pdf-resources',
    configureServer(server) {
      server.middlewares.use('/pdfjs', (request, response, next) => {
        const path = normalize(decodeURIComponent(request.url?.split('?')[0] ?? ''))
        const file = inPackage(`pdfjs-dist${path}`)
        if (!folders.some((folder) => path.startsWith(`/${folder}/`)) || !existsSync(file)) return next()
        if (file.endsWith('.js')) response.setHeader('Content-Type', 'text/javascript')
        createReadStream(file).pipe(response)
      })
    },
    writeBundle() {
      for (const folder of folders) {
        const target = fileURLToPath(new URL(`./dist/pdfjs/${folder}`, import.meta.url))
        cpSync(inPackage(`pdfjs-dist/${folder}`), target, { recursive: true, filter: isShipped })
      }
    },
  }
}

export default defineConfig({
  plugins: [
    paletteFromStylesheet(),
    vue(),
    ui({
      autoImport: false,
      colorMode: false,
      components: { dts: 'src/ui/components.d.ts', dirs: [] },
      experimental: { componentDetection: true },
      icon: { clientBundle: { scan: { globInclude: ['src/**/*.{vue,ts}'], globExclude: [] } } },
      ui: {
        colors: { primary: 'evergreen', neutral: 'stone' },
        // The kit's hover shade (75 %) takes white text and links below 4.5:1.
        button: {
          compoundVariants: [
            { color: 'primary', variant: 'solid', class: 'hover:bg-primary/90 active:bg-primary/90' },
            { color: 'primary', variant: 'link', class: 'hover:text-primary hover:underline active:text-primary' },
            { color: 'error', variant: 'solid', class: 'hover:bg-error/90 active:bg-error/90' },
          ],
        },
        // Half-transparent words fall below 4.5:1.
        alert: { slots: { description: 'opacity-100' } },
        modal: { slots: { title: 'text-base font-semibold' }, variants: { overlay: { true: { overlay: 'bg-stone-950/45' } } } },
        slideover: { variants: { overlay: { true: { overlay: 'bg-stone-950/45' } } } },
      },
    }),
    pdfResources(),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: { target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 700, modulePreload: { polyfill: false } },
  worker: { format: 'es' },
  server: {
    proxy: Object.fromEntries(['/api', '/gateway', '/health'].map((path) => [path, { target: server, changeOrigin: false }])),
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.spec.ts'],
    restoreMocks: true,
  },
})
