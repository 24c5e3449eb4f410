import { describe, expect, it } from 'vitest';
import { ChangedInputs } from './changed-inputs.ts';
import { TimeBudget } from './time-budget.ts';

describe('TimeBudget', () => {
  it('allows a burst, then its share of time', () => {
    const budget = new TimeBudget(2, 10, 0);
    expect(budget.isSpent(0)).toBe(false);
    budget.spend(12);
    expect(budget.isSpent(0)).toBe(true);
    expect(budget.isSpent(500)).toBe(true);
    expect(budget.isSpent(1500)).toBe(false);
  });

  it('does not save up more than a burst', () => {
    const budget = new TimeBudget(2, 10, 0);
    expect(budget.isSpent(1_000_000)).toBe(false);
    budget.spend(11);
    expect(budget.isSpent(1_000_000)).toBe(true);
  });
});

describe('ChangedInputs', () => {
  const refs = Uint32Array.of(1, 2);
  const frame = (...values: number[]) => ({
    agentId: 'x',
    instance: 'a',
    timestampMs: 0,
    refs,
    values: Float64Array.from(values),
  });

  it('tells which slots differ from the frame before of the same host', () => {
    const inputs = new ChangedInputs();
    expect(inputs.take(frame(1, NaN))([1])).toBe(true);
    const changed = inputs.take(frame(2, NaN));
    expect(changed([0])).toBe(true);
    expect(changed([1])).toBe(false);
    expect(changed([])).toBe(false);
    expect(inputs.take({ ...frame(2, NaN), instance: 'b' })([1])).toBe(true);
    expect(inputs.take({ ...frame(2, NaN), refs: Uint32Array.of(1, 2) })([1])).toBe(true);
  });
});
