import { describe, expect, it } from 'vitest';
import { errorFromAnswer } from './client.ts';

describe('errorFromAnswer', () => {
  it('prefers the detail of a problem document', () => {
    const error = errorFromAnswer(
      409,
      '{"title":"Conflict","detail":"INC-4 is closed","code":"failed_precondition"}',
    );
    expect(error).toMatchObject({ status: 409, code: 'failed_precondition', message: 'INC-4 is closed' });
  });

  it("understands Prometheus' errors", () => {
    const error = errorFromAnswer(
      400,
      '{"status":"error","errorType":"bad_data","error":"1:3: parse error"}',
    );
    expect(error).toMatchObject({ code: 'bad_data', message: '1:3: parse error' });
  });

  it('says the status where the answer says nothing', () => {
    for (const text of ['', '<html>', 'null', '{"detail":7}']) {
      expect(errorFromAnswer(502, text).message).toBe('The collector answered with status 502');
    }
  });
});
