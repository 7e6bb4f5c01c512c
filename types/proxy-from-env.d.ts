declare module 'proxy-from-env' {
  /** @returns the proxy's address, empty where none is to be used */
  export function getProxyForUrl(url: URL): string;
}
