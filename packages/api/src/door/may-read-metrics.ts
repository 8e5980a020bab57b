import type { RootSecret } from '@countersign/crypto';
import type { Settings } from '../settings';

/** Who may read the metrics: in a demo, which listens on this machine only, everybody; else who has the token. */
export function mayReadMetrics(
  { mode, metricsToken }: Pick<Settings, 'mode' | 'metricsToken'>,
  root: RootSecret,
): (token: string | null) => boolean {
  if (metricsToken === undefined) return () => mode === 'demo';
  // Compared by their MACs, so that the time it takes tells nothing of the token.
  const key = root.mac('metrics-token');
  const expected = key.mac(metricsToken);
  return (token) => token !== null && key.verify(token, expected);
}
