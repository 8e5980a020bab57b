/**
 * WHAT HAPPENED HERE: every operation leaves an event.
 *
 * It promises that recording never holds up an answer and that loss is counted. It owns operation_event. It decides
 * nothing yet: detection and responses will feed on these events.
 */
export { type OperationEvent, OperationEvents } from './operation-events';
