export { PlimsollError } from './errors.ts';
