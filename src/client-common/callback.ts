/** Takes what `dingtalk:redirect` handed over in the fragment, and removes it from the address bar and the history. */
export function takeCallback(): URLSearchParams {
  const callback = new URLSearchParams(location.hash.slice(1));
  history.replaceState(history.state, '', location.pathname);
  return callback;
}
