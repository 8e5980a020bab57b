/** How messages leave. */
export interface NotifySettings {
  /** Lines in the gateway's own log. */
  readonly log: boolean;
  readonly smtp: { readonly url: string; readonly from: string } | null;
  readonly webhook: { readonly url: string } | null;
  /** Which key signs webhooks. */
  readonly webhookKey: number;
  /** How often the outbox is looked into when nothing has called for it. */
  readonly pollMs: number;
}
