import DataLoader from 'dataloader';
import type { DataSource, ObjectLiteral } from 'typeorm';
import type { SortDirection } from './arguments';

/** The children of many parents, at most `first` of each, in one statement: what a careful DataLoader batch does. */
export function firstOfEach<Child extends ObjectLiteral>(
  dataSource: DataSource,
  child: new () => Child,
  parentId: keyof Child & string,
  order: Readonly<Record<string, SortDirection>>,
  first: number,
): DataLoader<string, Child[]> {
  const repository = dataSource.getRepository(child);
  const columnOf = (property: string) => repository.metadata.findColumnWithPropertyName(property)!.databaseName;
  const orderText = Object.entries(order)
    .map(([property, direction]) => `${columnOf(property)} ${direction}`)
    .join(', ');
  const ranked =
    `select id, row_number() over (partition by ${columnOf(parentId)} order by ${orderText}) as rank` +
    ` from ${repository.metadata.tablePath} where ${columnOf(parentId)} = any(:parents)`;
  const orderBy = Object.fromEntries(Object.entries(order).map(([name, direction]) => [`child.${name}`, direction]));

  return new DataLoader(async (parents) => {
    const found = await repository
      .createQueryBuilder('child')
      .where(`child.id in (select page.id from (${ranked}) page where page.rank <= :first)`, { parents, first })
      .orderBy(orderBy)
      .getMany();
    const byParent = new Map<string, Child[]>(parents.map((parent) => [parent, []]));
    for (const record of found) byParent.get(record[parentId])?.push(record);
    return parents.map((parent) => byParent.get(parent)!);
  });
}
