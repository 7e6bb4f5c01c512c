/** What the page asked of `location`. jsdom opens no pages, and does not let its methods be replaced from outside. */
export interface Navigation {
  assign: jest.SpyInstance<void, [string]>;
  replace: jest.SpyInstance<void, [string]>;
  reload: jest.SpyInstance<void, []>;
}

/** Records the pages that are opened from now on, instead of opening them. */
export function watchNavigation(): Navigation {
  const [symbol] = Object.getOwnPropertySymbols(location);
  const implementation = Reflect.get(location, symbol) as Location;
  const watch = (method: 'assign' | 'replace' | 'reload') =>
    jest.spyOn(implementation, method).mockImplementation(() => undefined);
  return { assign: watch('assign'), replace: watch('replace'), reload: watch('reload') } as Navigation;
}

/** Puts an address of this origin into the address bar. */
export function visit(address: string): void {
  history.replaceState(null, '', address);
}
