import type { ImageValue, RecordImage } from '../database/record-image';
import type { BilledObject, BillingBook } from './billing-book';
import { type BillingPeriod, billingPeriod } from './billing-period';
import { amountOf, type Cents, type Micros, micros } from './exact-amounts';
import { type PricedLine, priceLines, unitPriceOfRate } from './price-lines';

/** What a subscription adds to the next invoice. */
export interface NextInvoice extends BillingPeriod {
  readonly currency: string;
  /** Null when a price does not say what it comes to. */
  readonly amount: Cents | null;
  /** `Price <id>` and so on: every record that the amount was computed from. */
  readonly uses: ReadonlySet<string>;
}

const NOTHING: Micros = 0n;
const ONE = micros('1');

/**
 * What a subscription adds to the invoice over the period that `day` lies in, at what holds on that day, before tax and
 * in cents, each line rounded by itself. Null when nothing is billed.
 *
 * The unit price is that of the contract's rate for the product or for the kind of usage; else that of the subscription's
 * own price; else that of the list. A flat price counts once, a price per unit for each unit, and one for a kind of
 * usage, or with tiers, for what was measured in the last complete period. A package is billed at its own price, or
 * else item by item.
 */
export function nextInvoice(book: BillingBook, id: string, day: string): NextInvoice | null {
  const subscription = book.find('Subscription', id);
  if (subscription?.status !== 'ACTIVE') return null;
  const period = billingPeriod(String(subscription.billingPeriod), day);
  if (String(subscription.startsOn) >= period.billedOn) return null;
  if (subscription.endsOn !== null && String(subscription.endsOn) < period.from) return null;
  const bill = new Bill(book, subscription, day);
  const amount = bill.amount();
  return { ...period, currency: bill.currency, amount, uses: bill.uses };
}

class Bill {
  readonly uses = new Set<string>();
  readonly currency: string;

  constructor(
    private readonly book: BillingBook,
    private readonly subscription: RecordImage,
    private readonly day: string,
  ) {
    this.use('Subscription', subscription);
    this.useNamed('Product', subscription.product);
    this.useNamed('Package', subscription.package);
    const account = this.find('Account', subscription.account);
    const contract = this.find('Contract', subscription.contract);
    // A price of its own is billed as it stands, whatever the contract says.
    const own = this.find('Price', subscription.price);
    this.currency = String((own ?? contract ?? account)?.currency ?? '');
  }

  amount(): Cents | null {
    let sum: Cents = 0n;
    for (const lines of this.lines()) {
      if (lines === null) return null;
      for (const { quantity, unitPrice } of lines) sum += amountOf(quantity, unitPrice);
    }
    return sum;
  }

  private lines(): (readonly PricedLine[] | null)[] {
    const { product, package: bundle, price } = this.subscription;
    const own = this.find('Price', price) ?? this.listPrice(product, bundle);
    const quantity = micros(String(this.subscription.quantity));
    if (own || bundle === null) return [this.linesAt(own, product, quantity)];
    return this.book.itemsOf(bundle).map((item) => {
      this.use('PackageItem', item);
      const within = this.listPrice(item.product, bundle) ?? this.listPrice(item.product, null);
      return this.linesAt(within, item.product, (quantity * micros(String(item.quantity))) / ONE);
    });
  }

  private linesAt(
    price: RecordImage | null,
    product: ImageValue | undefined,
    subscribed: Micros,
  ): readonly PricedLine[] | null {
    this.useNamed('Product', product);
    this.useNamed('RateClass', price?.rateClass);
    const metered = price !== null && (price.rateClass !== null || ['TIERED', 'VOLUME'].includes(String(price.model)));
    const fixed = price?.model === 'FLAT' ? ONE : subscribed;
    const quantity = metered ? this.used(price.rateClass) : fixed;
    const rate = this.rateFor(product, price?.rateClass ?? null);
    if (rate) return [{ quantity, unitPrice: unitPriceOfRate(rate) }];
    return price === null ? [] : priceLines(price, quantity);
  }

  private used(rateClass: unknown): Micros {
    let sum = NOTHING;
    for (const usage of this.book.usageOf(this.subscription.id)) {
      if (rateClass !== null && usage.rateClass !== rateClass) continue;
      this.use('UsageRecord', usage);
      sum += micros(String(usage.quantity));
    }
    // Corrections may take back more than there was: then nothing is billed for it.
    return sum < 0n ? NOTHING : sum;
  }

  /** The list price of an offer that holds on the day; `product` with a `bundle` is its price within that package. */
  private listPrice(product: unknown, bundle: unknown): RecordImage | null {
    return this.inForce('Price', this.book.pricesOf(product, bundle));
  }

  private rateFor(product: unknown, rateClass: ImageValue): RecordImage | null {
    const { contract } = this.subscription;
    if (contract === null) return null;
    const rates = this.book.ratesOf(contract);
    const ofProduct = rates.filter(
      (rate) =>
        product !== null && rate.product === product && (rate.rateClass === null || rate.rateClass === rateClass),
    );
    const ofUsage = rates.filter((rate) => rate.product === null && rateClass !== null && rate.rateClass === rateClass);
    return this.inForce('ContractRate', ofProduct) ?? this.inForce('ContractRate', ofUsage);
  }

  /** Of those in the currency of the bill that hold on its day, the one that began last. */
  private inForce(object: 'Price' | 'ContractRate', images: readonly RecordImage[]): RecordImage | null {
    let found: RecordImage | null = null;
    for (const image of images) {
      if (image.currency !== this.currency) continue;
      if (String(image.effectiveFrom) > this.day) continue;
      if (image.effectiveTo !== null && String(image.effectiveTo) < this.day) continue;
      if (found === null || order(image) > order(found)) found = image;
    }
    return found && this.use(object, found);
  }

  private find(object: BilledObject, id: unknown): RecordImage | null {
    const found = id === null || id === undefined ? null : this.book.find(object, id);
    return found && this.use(object, found);
  }

  private useNamed(object: 'Product' | 'Package' | 'RateClass', id: ImageValue | undefined): void {
    if (typeof id === 'string') this.uses.add(`${object} ${id}`);
  }

  private use(object: BilledObject, image: RecordImage): RecordImage {
    this.uses.add(`${object} ${String(image.id)}`);
    return image;
  }
}

const order = ({ effectiveFrom, id }: RecordImage) => `${String(effectiveFrom)} ${String(id)}`;
