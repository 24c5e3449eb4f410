import { Labels } from '@plimsoll/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertTemplateData, compileAlertTemplate, expandAlertTemplate } from './expand-template.ts';

const disks = [
  { labels: Labels.of({ __name__: 'disk', instance: 'db-2:9100', device: 'sdb' }), value: 0.25 },
  { labels: Labels.of({ __name__: 'disk', instance: 'db-1:9100', device: 'sda' }), value: 4096 },
];

const data: AlertTemplateData = {
  labels: Labels.of({ instance: 'db-1:9100', job: 'node' }),
  externalLabels: { region: 'north' },
  externalUrl: 'http://monitor:9720/base/',
  value: 1234567.891,
  nowMs: 1_000_000,
  query: async (expression) => (expression === 'disk' ? disks : []),
};

async function expand(source: string, changes: Partial<AlertTemplateData> = {}): Promise<string> {
  return expandAlertTemplate(compileAlertTemplate('Disk', source), { ...data, ...changes });
}

function parseError(source: string): string {
  try {
    compileAlertTemplate('Disk', source);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

// What is expected here is what Go's text/template with Prometheus' functions answers to the same text.
describe('templates of alerts', () => {
  it.each([
    ['plain text', 'plain text'],
    ['{{ $labels }}', 'map[instance:db-1:9100 job:node]'],
    ['{{ $value }}', '1.234567891e+06'],
    ['{{ $labels.instance }}/{{ $labels.absent }}/{{ .Labels.job }}', 'db-1:9100//node'],
    [
      '{{ $externalLabels.region }} {{ $externalURL }} {{ pathPrefix }}',
      'north http://monitor:9720/base/ /base/',
    ],
    ['{{ with $labels.rack }}{{ . }}{{ else }}no rack{{ end }}', 'no rack'],
    ['{{ if gt $value 10.0 }}big{{ else if lt $value 1.0 }}small{{ end }}', 'big'],
    ['{{ if and (gt $value 1.0) (lt $value 1e9) }}between{{ end }}', 'between'],
    ['{{ $n := 5 }}{{ $n = 6 }}{{ $n }}', '6'],
    ['a {{- " b " -}} c{{/* nothing */}}', 'a b c'],
    ['{{ define "host" }}<{{ . }}>{{ end }}{{ template "host" $labels.job }}', '<node>'],
    ['{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}', 'instance=db-1:9100;job=node;'],
    [
      '{{ range $i, $d := query "disk" }}{{ $i }}{{ $d.Labels.device }}{{ if $d }}{{ continue }}{{ end }}x{{ end }}',
      '0sdb1sda',
    ],
    ['{{ range query "none" }}x{{ else }}none{{ end }}', 'none'],
    ['{{ query "disk" | sortByLabel "instance" | first | label "device" }}', 'sda'],
    ['{{ with query "disk" }}{{ . | first | value | humanizePercentage }}{{ end }}', '25%'],
    ['{{ (query "disk" | first).Value }}', '0.25'],
    ['{{ (index (query "disk") 1).Labels.device }}', 'sda'],
  ])('%s', async (source, expected) => {
    expect(await expand(source)).toBe(expected);
  });

  it.each([
    ['{{ humanize $value }} {{ humanize 0.00012 }} {{ humanize 0.0 }}', '1.235M 120u 0'],
    ['{{ humanize1024 $value }} {{ humanize1024 0.5 }}', '1.177Mi 0.5'],
    [
      '{{ humanizeDuration 90061 }} {{ humanizeDuration 0.5 }} {{ humanizeDuration 59.99 }}',
      '1d 1h 1m 1s 500ms 59.99s',
    ],
    [
      '{{ humanizePercentage 0.12345 }} {{ humanizeTimestamp 1.5 }}',
      '12.35% 1970-01-01 00:00:01.5 +0000 UTC',
    ],
    ['{{ humanize "12345" }} {{ "1e400" | humanize }}', '12.35k +Inf'],
    ['{{ printf "%.2f|%5.1f|%-4s|%q|%05d|%x" 2.345 1.25 "ab" "x" 42 255 }}', '2.35|  1.2|ab  |"x"|00042|ff'],
    [
      '{{ printf "%d %s" 1.5 2 }} {{ printf "%v %v" 1 }} {{ printf "%d" 1 2 }}',
      '%!d(float64=1.5) %!s(int=2) 1 %!v(MISSING) 1%!(EXTRA int=2)',
    ],
    ['{{ printf "%.0f %.0f %.0f" 0.5 1.5 2.5 }}', '0 2 2'],
    ['{{ title "two words" }} {{ toUpper "a" }} {{ toLower "B" }}', 'Two Words A b'],
    ['{{ reReplaceAll "(.*):.*" "$1" $labels.instance }} {{ match "^db" $labels.instance }}', 'db-1 true'],
    [
      '{{ stripPort "[::1]:90" }} {{ stripDomain "a.b.c:90" }} {{ stripDomain "1.2.3.4:90" }}',
      '::1 a:90 1.2.3.4:90',
    ],
    ['{{ parseDuration "1h30m" }} {{ toDuration 3661.5 }}', '5400 1h1m1.5s'],
    ['{{ html "<b>" }} {{ safeHtml "<b>" }} {{ urlquery "a b&c" }}', '&lt;b&gt; <b> a+b%26c'],
    ['{{ graphLink "up == 0" }}', '/graph?g0.expr=up+%3D%3D+0&g0.tab=0'],
    [
      '{{ eq 2 1 2 }} {{ ne "a" "b" }} {{ le 2 1 }} {{ not "" }} {{ or "" "x" }} {{ len "é" }}',
      'true true false true x 2',
    ],
    ['{{ print 1 2 "a" 3 }} {{ `raw\\n` }} {{ "tab\\tq" }}', '1 2a3 raw\\n tab\tq'],
  ])('%s', async (source, expected) => {
    expect(await expand(source)).toBe(expected);
  });

  it('puts the error into the text when a template fails', async () => {
    const failed =
      'error expanding template: error executing template __alert_Disk: template: __alert_Disk:1:';
    expect(await expand('{{ query "none" | first | value }}')).toContain(
      `<${failed}130: executing "__alert_Disk" at <first>: error calling first: first() called on vector with no elements>`,
    );
    expect(await expand('{{ humanize "many" }}')).toContain(
      'error calling humanize: strconv.ParseFloat: parsing "many"',
    );
    expect(await expand('{{ gt $value 10 }}')).toContain(
      'incompatible types for comparison: float64 and int',
    );
    expect(await expand('{{ $labels.job.name }}')).toContain("can't evaluate field name in type string");
    expect(
      await expand('{{ query "x" }}', { query: async () => Promise.reject(new Error('store away')) }),
    ).toContain('store away');
  });

  it.each([
    ['{{ $label.instance }}', 'template: __alert_Disk:1: undefined variable "$label"'],
    ['{{ humanise 1 }}', 'template: __alert_Disk:1: function "humanise" not defined'],
    ['one\ntwo {{ if true }}', 'template: __alert_Disk:2: unexpected EOF'],
    ['{{ end }}', 'template: __alert_Disk:1: unexpected {{end}}'],
    ['{{ if }}x{{ end }}', 'template: __alert_Disk:1: missing value for if'],
    ['{{ "open }}', 'template: __alert_Disk:1: unterminated quoted string'],
  ])('refuses %s', (source, message) => {
    expect(parseError(source)).toBe(message);
  });

  it('does not let a template run away', async () => {
    expect(await expand('{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}')).toContain(
      'deeper than',
    );
    expect(await expand('{{ range 60000 }}xxxxxxxxxx{{ end }}')).toContain('output longer than');
    expect(await expand('{{ printf "%2000000000d" 1 }}')).toHaveLength(1000);
  });

  it('takes any text without crashing', async () => {
    const pieces = fc.constantFrom(
      '{{',
      '}}',
      ' $labels',
      '.x',
      ' if ',
      ' range ',
      ' end ',
      '(',
      ')',
      '|',
      '"',
      '`',
      ':=',
      '$a',
      '-',
      ' 1',
      ' query "disk"',
      'é',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (parts) => {
        const source = parts.join('');
        if (parseError(source) === '') expect(typeof (await expand(source))).toBe('string');
      }),
    );
  });
});
