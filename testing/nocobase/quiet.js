/* eslint-disable no-console */
// NocoBase remarks on the loopback addresses of these tests, at length. What goes wrong goes to stderr and the logs.
console.log = () => undefined;
console.warn = () => undefined;
