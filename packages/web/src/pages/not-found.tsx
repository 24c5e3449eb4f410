import { PageHead } from '../components/page-head.tsx';
import { paths } from '../lib/paths.ts';

export function NotFoundPage() {
  return (
    <>
      <PageHead title="There is no such page" />
      <p>
        The address may be mistyped. <a href={paths.now()}>Go to Now</a>.
      </p>
    </>
  );
}
