import { runChecks } from './checks.ts';

for (const { name, complaint } of await runChecks()) {
  console.log(`${complaint === '' ? 'ok  ' : 'FAIL'} ${name}`);
  if (complaint === '') continue;
  console.log(complaint);
  process.exitCode = 1;
}
