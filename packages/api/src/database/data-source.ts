import { DataSource, type DataSourceOptions, type EntitySchema } from 'typeorm';
import { type ConnectionOptions, connectionConfig, SCHEMA } from './connection';

type Class = new (...args: never[]) => object;

export interface DataSourceSettings extends ConnectionOptions {
  readonly entities?: readonly (Class | EntitySchema)[];
  readonly migrations?: readonly Class[];
  readonly max?: number;
  /** Told about a connection that broke while idle. */
  readonly onError: (error: Error) => void;
}

/** The table in which TypeORM notes the migrations that were run. */
export const MIGRATIONS_TABLE = 'migration';

/**
 * A TypeORM data source over one of our databases; not yet initialised. It never alters the schema by itself and
 * installs no extensions: migrations do, and they are written by hand.
 */
export function createDataSource(settings: DataSourceSettings): DataSource {
  return new DataSource({
    type: 'postgres',
    url: settings.url,
    schema: SCHEMA,
    entities: [...(settings.entities ?? [])] as DataSourceOptions['entities'],
    migrations: [...(settings.migrations ?? [])] as DataSourceOptions['migrations'],
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    logging: false,
    poolErrorHandler: settings.onError,
    poolSize: settings.max ?? 10,
    extra: connectionConfig(settings),
  });
}
