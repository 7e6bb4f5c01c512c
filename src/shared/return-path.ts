/**
 * The return path in the address of the client's sign-in page. v2 encodes it. v1 glues it to the address as it is, with
 * its own query and fragment, which are not those of the sign-in page then.
 */
export function returnPathIn(address: string): string | undefined {
  const [, given] = /[?&]redirect=(.*)/s.exec(address) ?? [];
  const glued = /^\/[^&]*\?.*|^\/(?!.*%3f)[^&]*/is.exec(given ?? '');
  if (glued || given === undefined) {
    return glued?.[0];
  }
  const [query, fragment] = given.split(/#(.*)/s);
  const path = new URLSearchParams(`redirect=${query}`).get('redirect') ?? '';
  return path.includes('#') || !fragment ? path : `${path}#${fragment}`;
}
