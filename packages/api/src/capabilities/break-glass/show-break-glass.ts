import type { RecordImage } from '../../database/record-image';
import type { Snapshot } from '../../path/rooms';
import { roleBook } from '../../snapshot/role-book';
import type { GrantRow } from './break-glass-grant';
import type { BreakGlassOffer, BreakGlassView } from './break-glass-types';

type Ground = Pick<Snapshot, 'policyRecords'>;

export function offerOf(ground: Ground, image: RecordImage): BreakGlassOffer {
  return {
    id: String(image.id),
    role: roleName(ground, image.role),
    group: groupName(ground, image.group),
    longestMinutes: Number(image.longestMinutes),
    reviewerRole: roleName(ground, image.reviewerRole),
    purpose: (image.purpose ?? null) as string | null,
  };
}

export function grantView(ground: Ground, grant: GrantRow, now: Date): BreakGlassView {
  const { id, person, status, reason, opensAt, endsAt, endedAt, justified, finding } = grant;
  const instant = now.toISOString();
  return {
    id,
    person,
    role: roleName(ground, grant.role),
    group: groupName(ground, grant.sharingGroup),
    status,
    inForce: status === 'OPEN' && opensAt <= instant && instant < endsAt,
    reason,
    opensAt,
    endsAt,
    endedAt,
    justified,
    finding,
  };
}

function roleName({ policyRecords }: Ground, id: unknown): string | null {
  return roleBook(policyRecords).nameOf(String(id)) ?? null;
}

function groupName({ policyRecords }: Ground, id: unknown): string | null {
  const group = id === null ? undefined : policyRecords.records.SharingGroup[String(id)];
  return group ? String(group.name) : null;
}
