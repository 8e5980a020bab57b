import 'reflect-metadata';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import { createDataSource } from '@countersign/api/dist/database/data-source';
import express from 'express';
import { buildSchema } from 'type-graphql';
import { Account, Invoice, InvoiceLine } from '../plain/objects';
import { AccountResolver, InvoiceResolver, type PlainContext } from '../plain/resolvers';
import { serve } from './serve';

/*
 * The opponent: Apollo Server, type-graphql and TypeORM without any authorization, written as such services are written:
 * repositories, field resolvers, one DataLoader batch a level. It connects with the same session settings as the gateway.
 */
serve(async ({ databaseUrl, poolSize }) => {
  const dataSource = createDataSource({
    url: databaseUrl,
    applicationName: process.env.BENCH_NAME ?? 'bench plain',
    entities: [Account, Invoice, InvoiceLine],
    max: poolSize,
    onError: (error) => console.error(error),
  });
  await dataSource.initialize();
  const schema = await buildSchema({ resolvers: [AccountResolver, InvoiceResolver], validate: false });
  const tuned = process.env.BENCH_TUNED === 'yes';
  const apollo = new ApolloServer<PlainContext>({
    schema,
    stopOnTerminationSignals: false,
    plugins: tuned ? [ApolloServerPluginCacheControlDisabled()] : [],
  });
  await apollo.start();

  const app = express();
  const context = async (): Promise<PlainContext> => ({ dataSource, loaders: new Map() });
  app.use('/graphql', express.json(), expressMiddleware(apollo, { context }));
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await apollo.stop();
      await dataSource.destroy();
    },
  };
});
