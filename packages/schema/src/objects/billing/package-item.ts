import type { Relation } from 'typeorm';
import { decimal, field, integer, object, toOne } from '../../catalogue/decorators';
import { BillingRecord } from '../billing-record';
import { Package } from './package';
import { Product } from './product';

@object({
  kind: 'billing',
  table: 'package_item',
  plural: 'packageItems',
  description: 'One product in a package.',
  uniques: [['externalId'], ['package', 'product']],
})
export class PackageItem extends BillingRecord {
  @toOne(() => Package, { write: 'create', inverse: 'items', description: 'The package.' })
  package!: Relation<Package>;

  @toOne(() => Product, { write: 'create', inverse: 'packageItems', description: 'The product it contains.' })
  product!: Relation<Product>;

  @field(decimal(18, 6, '0'), { default: '1', description: 'How many units of the product the package contains.' })
  quantity!: string;

  @field(integer({ min: 0 }), { default: 0, description: 'Where the item stands in the package.' })
  position!: number;
}
