/**
 * NOTIFICATIONS: telling people and systems that something happened.
 *
 * It promises that what is announced inside a transaction is told if and only if that transaction commits, at least
 * once, under an id that is the same on every attempt; that whoever is told has the right to know at the moment of the
 * telling; and that a message says which thing it is about and never what is in it. It owns the schema countersign_jobs
 * (by graphile-worker). It never holds up, refuses or undoes what is announced.
 */
export { type Announcement, announce } from './announce';
export type { Announced } from './announced';
export { WEBHOOK_PURPOSE } from './create-notifiers';
export { notificationMetrics } from './notification-metrics';
export type { NotifySettings } from './notify-settings';
export { openOutbox } from './open-outbox';
export type { Outbox } from './outbox';
export type { Facts, Topic, TopicGround } from './topic';
