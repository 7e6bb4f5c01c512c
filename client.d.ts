export * from './dist/types/src/client';
export { default } from './dist/types/src/client';
