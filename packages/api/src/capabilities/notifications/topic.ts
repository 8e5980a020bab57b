import type { MacKey } from '@countersign/crypto';
import type { Transaction } from '../../database/sql-runner';
import type { DecidedUnder } from '../../path/rooms';
import type { CurrentWorld } from '../../snapshot/snapshot-store';
import type { Announced } from './announced';

/** All that a message may say besides the event, its time and the id of its subject. */
export interface Facts {
  readonly status: string | null;
  /** Null as well for whoever may not read such records. */
  readonly objectName: string | null;
}

/** What a topic looks things up under. */
export interface TopicGround extends CurrentWorld {
  readonly tx: Transaction;
  readonly rowKey: MacKey;
  readonly now: Date;
}

/** What a capability says of its own events, at the moment when they are told. */
export interface Topic {
  /** The persons who should know. */
  audience(ground: TopicGround, announced: Announced): Promise<Iterable<string>>;
  /** What somebody may be told, by the rights that they hold now; null: nothing. */
  factsFor(ground: TopicGround, under: DecidedUnder, announced: Announced): Promise<Facts | null>;
  /** What systems are told that the operator has connected; null: there is nothing to tell any more. */
  facts(ground: TopicGround, announced: Announced): Promise<Facts | null>;
}
