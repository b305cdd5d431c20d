// The server's QR code as the address of a picture. In an <img> nothing in it can run, whatever it is.

export function qrImage(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
}

/** The secret in groups of four, as one types it by hand. */
export function inGroups(secret: string): string {
  return secret.replace(/\s/g, '').match(/.{1,4}/g)?.join(' ') ?? ''
}
