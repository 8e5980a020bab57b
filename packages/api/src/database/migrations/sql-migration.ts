import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A forward-only migration whose `up` runs hand-written SQL with unqualified names in the schema `countersign`.
 *
 * `name` ends with the 13 digits that TypeORM orders migrations by. The search path of the connection is put back
 * afterwards, because TypeORM keeps its own book-keeping table wherever the connection looks first.
 */
export abstract class SqlMigration implements MigrationInterface {
  abstract readonly name: string;
  protected abstract readonly sql: string;

  async up(queryRunner: QueryRunner): Promise<void> {
    const [before] = (await queryRunner.query(`select current_setting('search_path') as path`)) as { path: string }[];
    await queryRunner.query('create schema if not exists countersign');
    await queryRunner.query('set search_path = countersign');
    await queryRunner.query(this.sql);
    await queryRunner.query(`select set_config('search_path', $1, false)`, [before?.path ?? '']);
  }

  /** Always throws: data that a newer version wrote has no place in older tables. Restore a backup instead. */
  async down(): Promise<void> {
    throw new Error(`${this.name} cannot be undone; restore a backup`);
  }
}
