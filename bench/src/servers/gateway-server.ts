import { openCore, serve as serveGateway } from '@countersign/api/dist/compose';
import { gatewaySettings } from '../gateway-settings';
import { serve } from './serve';

/* The gateway as `npm start` runs it, with everything on: policy, row scope, head check, events. */
serve(async (order) => {
  const core = await openCore(gatewaySettings(order));
  const gateway = await serveGateway(core);
  return {
    port: Number(new URL(gateway.url).port),
    stop: () => gateway.close().finally(() => core.close()),
  };
});
