// The server's QR code as a picture. In an <img> nothing in it can run, whatever it is; the page's policy takes pictures from
// blob: addresses only.
import { onScopeDispose, ref, watch, type Ref } from 'vue'

export function useSvgPicture(svg: () => string | null): Ref<string> {
  const address = ref('')

  function forget(): void {
    if (address.value) URL.revokeObjectURL(address.value)
    address.value = ''
  }

  watch(
    svg,
    (source) => {
      forget()
      if (source) address.value = URL.createObjectURL(new Blob([source], { type: 'image/svg+xml' }))
    },
    { immediate: true },
  )
  onScopeDispose(forget)
  return address
}

/** The secret in groups of four, as one types it by hand. */
export function inGroups(secret: string): string {
  return secret.replace(/\s/g, '').match(/.{1,4}/g)?.join(' ') ?? ''
}
