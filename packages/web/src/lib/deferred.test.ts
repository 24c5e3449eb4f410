import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defer, deferred, flushDeferred, isDeferred, undo, undoNewest, undoWindowMs } from './deferred.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a deferred action', () => {
  it('is sent once, after the undo window', async () => {
    const sent: string[] = [];
    defer('a', 'first', async (leaving) => void sent.push(`a ${leaving}`));
    defer('a', 'again', async () => void sent.push('twice'));
    expect(isDeferred('a')).toBe(true);
    await vi.advanceTimersByTimeAsync(undoWindowMs - 1);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual(['a false']);
    expect(deferred.value).toEqual([]);
  });

  it('is never sent when it was taken back', async () => {
    const sent: string[] = [];
    defer('a', 'first', async () => void sent.push('a'));
    defer('b', 'second', async () => void sent.push('b'));
    expect(undoNewest()).toBe(true);
    expect(undo('gone')).toBe(false);
    await vi.advanceTimersByTimeAsync(undoWindowMs);
    expect(sent).toEqual(['a']);
    expect(undo('a')).toBe(false);
  });

  it('is sent at once when the page is left', async () => {
    const sent: string[] = [];
    defer('a', 'first', async (leaving) => void sent.push(`a ${leaving}`));
    await flushDeferred();
    await vi.advanceTimersByTimeAsync(undoWindowMs);
    expect(sent).toEqual(['a true']);
  });
});
