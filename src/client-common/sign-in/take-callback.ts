/** What the Redirect URL handed over in the fragment. It leaves the address bar at once. */
export function takeCallback(): URLSearchParams {
  const callback = new URLSearchParams(location.hash.slice(1));
  history.replaceState(history.state, '', location.pathname);
  return callback;
}
