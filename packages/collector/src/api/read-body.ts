/** Reads a request's body, or answers null as soon as it is known to be longer than `maxBytes`. */
export function readBody(request: Request, maxBytes: number): Promise<Uint8Array | null> {
  return readChunks(request.body ?? [], Number(request.headers.get('content-length') ?? 0), maxBytes);
}

/** As `readBody`, of chunks as they come; `expectedBytes` is what was announced, 0 for nothing. */
export async function readChunks(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  expectedBytes: number,
  maxBytes: number,
): Promise<Uint8Array | null> {
  if (expectedBytes > maxBytes) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}
