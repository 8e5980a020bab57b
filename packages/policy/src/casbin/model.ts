/**
 * The Casbin model, in Casbin's own notation. Kept as text in the code so that it is the same file in `src` and in
 * `dist`, and no start depends on finding a file.
 *
 * A request is one subject asking for one action on one field of one object. A line belongs to a role; `ref` carries
 * the id of the permission record, so that an explanation can name it. Deny wins over allow, and no line means no.
 * `reach` answers whether wildcards cover a field: see {@link wildcardReach}.
 *
 * The matcher tests action, field and object before `g`: walking the roles is the dear part.
 */
export const CASBIN_MODEL = `
[request_definition]
r = sub, obj, fld, act

[policy_definition]
p = sub, obj, fld, act, eft, ref

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.act == p.act && \\
    (r.fld == p.fld || (p.fld == "*" && reach(r.obj, r.fld))) && \\
    (r.obj == p.obj || (p.obj == "*" && reach(r.obj, r.fld))) && \\
    g(r.sub, p.sub)
`;
