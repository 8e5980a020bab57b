import { HttpExchange, postRequest } from '../load/http-exchange';

export interface BenchUser {
  readonly email: string;
  readonly password: string;
}

const SIGN_IN = `mutation SignIn($email: String!, $password: String!) {
  signIn(input: { email: $email, password: $password }) { accessToken }
}`;

/** Signs in over HTTP, as any client does, and gives the header to send from then on. Throws when refused. */
export async function signIn(port: number, { email, password }: BenchUser): Promise<Record<string, string>> {
  const connection = await HttpExchange.open(port);
  try {
    const body = JSON.stringify({ query: SIGN_IN, variables: { email, password } });
    const answer = JSON.parse((await connection.ask(postRequest(port, body))).body.toString());
    const token: unknown = answer.data?.signIn?.accessToken;
    if (typeof token !== 'string') throw new Error(`${email} cannot sign in: ${JSON.stringify(answer)}`);
    return { authorization: `Bearer ${token}` };
  } finally {
    connection.close();
  }
}
