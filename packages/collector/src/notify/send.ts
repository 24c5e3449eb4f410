import type { Message } from './message.ts';

/** One attempt to tell; rejects with whatever went wrong. The signal fires when the attempt has taken too long. */
export type Send = (message: Message, signal: AbortSignal) => Promise<void>;
