import type { RecordImage } from '../database/record-image';

export const BILLED_OBJECTS = [
  'Account',
  'Contract',
  'ContractRate',
  'PackageItem',
  'Price',
  'Subscription',
  'UsageRecord',
] as const;
export type BilledObject = (typeof BILLED_OBJECTS)[number];

/** The records that next invoices are computed from, found by what they belong to. */
export class BillingBook {
  private readonly byId = new Map<string, RecordImage>();
  private readonly byOwner = new Map<string, RecordImage[]>();

  /** Usage holds what was measured in the last complete billing period of its subscription, and nothing else. */
  constructor(records: Readonly<Record<BilledObject, readonly RecordImage[]>>) {
    for (const object of BILLED_OBJECTS) {
      for (const image of records[object]) {
        this.byId.set(`${object} ${String(image.id)}`, image);
        const owner = ownerOf(object, image);
        if (owner === null) continue;
        const others = this.byOwner.get(owner);
        if (others) others.push(image);
        else this.byOwner.set(owner, [image]);
      }
    }
  }

  find(object: BilledObject, id: unknown): RecordImage | null {
    return this.byId.get(`${object} ${String(id)}`) ?? null;
  }

  /** The list prices of a product, of a package, or with both of the product within the package. */
  pricesOf(product: unknown, bundle: unknown): readonly RecordImage[] {
    return this.owned(offerKey(product, bundle));
  }

  ratesOf(contract: unknown): readonly RecordImage[] {
    return this.owned(`rates ${String(contract)}`);
  }

  itemsOf(bundle: unknown): readonly RecordImage[] {
    return this.owned(`items ${String(bundle)}`);
  }

  usageOf(subscription: unknown): readonly RecordImage[] {
    return this.owned(`usage ${String(subscription)}`);
  }

  private owned(key: string): readonly RecordImage[] {
    return this.byOwner.get(key) ?? [];
  }
}

const offerKey = (product: unknown, bundle: unknown) => `prices ${String(product)} ${String(bundle)}`;

function ownerOf(object: BilledObject, image: RecordImage): string | null {
  switch (object) {
    case 'Price':
      return offerKey(image.product, image.package);
    case 'ContractRate':
      return `rates ${String(image.contract)}`;
    case 'PackageItem':
      return `items ${String(image.package)}`;
    case 'UsageRecord':
      return `usage ${String(image.subscription)}`;
    default:
      return null;
  }
}
