import { describe, expect, it } from 'vitest';
import { csv } from './csv.ts';

describe('csv', () => {
  it('quotes what would break a line or a field', () => {
    expect(csv(['a', 'b'], [['x,y', 'say "hi"\nthere']])).toBe('a,b\r\n"x,y","say ""hi""\nthere"\r\n');
  });

  it('leaves numbers alone and disarms texts that are formulas', () => {
    expect(csv(['v'], [[-3.5], ['=HYPERLINK("http://x")'], ['+1'], ['-x'], ['@a'], ['\tb']])).toBe(
      'v\r\n-3.5\r\n"\'=HYPERLINK(""http://x"")"\r\n\'+1\r\n\'-x\r\n\'@a\r\n\'\tb\r\n',
    );
  });

  it('writes gaps as empty fields', () => {
    expect(
      csv(
        ['t', 'v'],
        [
          ['1', null],
          ['2', Number.NaN],
        ],
      ),
    ).toBe('t,v\r\n1,\r\n2,\r\n');
  });
});
