import { describe, expect, it } from 'vitest';
import { escapeName, readEscapingScheme } from './escape-name.ts';

describe('escapeName', () => {
  it.each([
    ['http_requests:rate5m', 'http_requests:rate5m', 'http__requests:rate5m', 'http_requests:rate5m'],
    ['http.status_code', 'http_status_code', 'http_dot_status__code', 'U__http_2e_status__code'],
    ['5xx', '_xx', '__xx', 'U___35_xx'],
    ['größe🌡', 'gr__e_', 'gr____e__', 'U__gr_f6__df_e_1f321_'],
  ])('writes %s', (name, underscores, dots, values) => {
    expect(escapeName(name, 'allow-utf-8')).toBe(name);
    expect(escapeName(name, 'underscores')).toBe(underscores);
    expect(escapeName(name, 'dots')).toBe(dots);
    expect(escapeName(name, 'values')).toBe(values);
  });
});

describe('readEscapingScheme', () => {
  it.each([
    ['', 'underscores'],
    ['*/*', 'underscores'],
    ['text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'underscores'],
    ['text/plain; version=1.0.0; escaping=values', 'values'],
    ['text/plain;escaping=none', 'underscores'],
    [
      'application/openmetrics-text;version=1.0.0;escaping=dots;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
      'allow-utf-8',
    ],
  ])('reads %s', (accept, scheme) => {
    expect(readEscapingScheme(accept)).toBe(scheme);
  });
});
