import type { Facts, Topic, TopicGround } from '../notifications';
import { GRANT, type GrantRow, grantsWhere } from './break-glass-grant';
import { reviewersOf } from './reviewers';

/** Who is told of break-glass: those who review it and, of what others did about it, who took it. */
export function grantsTopic(): Topic {
  return {
    async audience(ground, { subject }) {
      const grant = await grantNow(ground, subject);
      return grant ? [grant.person, ...(await reviewers(ground, grant))] : [];
    },

    async factsFor(ground, { principal, authority }, { subject }) {
      const grant = await grantNow(ground, subject);
      const { personId } = principal.values;
      if (!grant || personId === null) return null;
      if (grant.person !== personId && !(await reviewers(ground, grant)).has(personId)) return null;
      return authority.table.readable(GRANT) ? factsOf(grant) : { ...factsOf(grant), objectName: null };
    },

    async facts(ground, { subject }) {
      const grant = await grantNow(ground, subject);
      return grant && factsOf(grant);
    },
  };
}

const factsOf = ({ status }: GrantRow): Facts => ({ status, objectName: GRANT });

async function grantNow({ tx, snapshot, rowKey }: TopicGround, id: string): Promise<GrantRow | null> {
  const [grant] = await grantsWhere(tx, { catalogue: snapshot.catalogue, rowKey }, 't.id=$1', [id]);
  return grant ?? null;
}

function reviewers({ tx, snapshot, rowKey, now }: TopicGround, grant: GrantRow): Promise<Set<string>> {
  return reviewersOf(tx, snapshot, rowKey, grant, now);
}
