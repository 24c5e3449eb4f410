import { generate } from './generate-code.ts';

const complaint = await generate();
if (complaint !== '') {
  console.error(complaint);
  process.exitCode = 1;
}
