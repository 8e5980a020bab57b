/**
 * THE DESK OF THE POLICY: what keeps tables and published versions in step.
 *
 * It promises that a row changed behind the gateway's back is reported and never becomes law. What a version is, and how
 * one is published and loaded, is in the snapshot folder. It owns no table.
 */
export { adoptCatalogue } from './adopt-catalogue';
export { type Drift, findDrift } from './find-drift';
export { watchDrift } from './watch-drift';
