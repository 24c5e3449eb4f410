/** The labels of a series as fields of its message, sorted by name. */
export function encodeLabels(labels: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat(
    pairs.map(([name, value]) =>
      field(0x0a, Buffer.concat([field(0x0a, Buffer.from(name)), field(0x12, Buffer.from(value))])),
    ),
  );
}

function field(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...varint(content.length)]), content]);
}

/** Positive numbers beyond 32 bits too. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes;
}

/** Snappy's block format as a single literal with a length of four bytes: valid for every decoder. */
export function literal(parts: readonly Buffer[]): Buffer<ArrayBuffer> {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const tag = Buffer.alloc(5, 63 << 2);
  tag.writeUInt32LE(bytes - 1, 1);
  return Buffer.concat([Buffer.from(varint(bytes)), tag, ...parts]);
}

/** POSTs one request; a refusal is an error. */
export async function remoteWrite(url: string, body: Buffer<ArrayBuffer>): Promise<void> {
  const response = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} refused samples: ${response.status} ${text}`);
}
