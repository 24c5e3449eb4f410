import { describe, expect, it } from 'vitest';
import { toCsv } from './to-csv.ts';

describe('toCsv', () => {
  it('flattens objects, keeps lists as JSON and null as nothing', () => {
    const items = [
      { name: 'a', sla: { response: { target: 900 } }, tags: ['x', 'y'], due: null },
      { name: 'b, "c"\nd', sla: { response: { target: null } }, more: true },
    ];
    expect(toCsv(items)).toBe(
      'name,sla.response.target,tags,due,more\r\n' +
        'a,900,"[""x"",""y""]",,\r\n' +
        '"b, ""c""\nd",,,,true\r\n',
    );
  });

  it.each(['=1+1', '+cmd', '@SUM(A1)', '-2+3', '\tx'])('guards against the formula %s', (text) => {
    expect(toCsv([{ text }]).split('\r\n')[1]).toContain(`'${text}`);
  });

  it('leaves negative numbers alone', () => {
    expect(toCsv([{ remaining: -5.5 }])).toBe('remaining\r\n-5.5\r\n');
  });

  it('is empty for an empty list', () => {
    expect(toCsv([])).toBe('\r\n');
  });
});
