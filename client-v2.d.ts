export * from './dist/types/src/client-v2';
export { default } from './dist/types/src/client-v2';
