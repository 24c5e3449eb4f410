import process from 'node:process';
import { affectedByEach } from '../backup/describe-damages.ts';
import type { DescribeRequest } from './describe-in-child.ts';

// Only `describeInChild` starts this, and sends one request.
process.once('message', ({ storagePath, damages }: DescribeRequest) => {
  process.send?.(affectedByEach(storagePath, damages), () => process.disconnect?.());
});
