export * from './dist/types/src/server';
export { default } from './dist/types/src/server';
