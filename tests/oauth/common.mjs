// What both servers have: a record of what they saw, an API that takes their tokens, lines of JSON in and out.
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
// Standard output belongs to the lines of JSON.
console.info = console.log = console.error;

// The members that nobody but client and server may know. A user code, a state and a challenge are shown on purpose.
const SECRET = [
  'access_token', 'refresh_token', 'id_token', 'code', 'code_verifier', 'device_code', 'client_secret', 'token',
];
export const secretsOf = (...sources) => sources.flatMap((source) =>
  SECRET.filter((name) => typeof source?.[name] === 'string').map((name) => ({ name, value: source[name] })));

// A file that gets a line of JSON for each request that matters, with every secret in it.
export function openRecord(file) {
  writeFileSync(file, '', { mode: 0o600 });
  return (entry) => appendFileSync(file, `${JSON.stringify({ at: Date.now() / 1000, ...entry })}\n`);
}

// A request of a client: what it asked for, how it said who it is, what it got.
export function clientRequest(endpoint, body, authorization, status, answer) {
  return {
    endpoint, status, error: answer?.error, grant_type: body.grant_type, token_type_hint: body.token_type_hint,
    scope: body.scope, client_id: body.client_id,
    auth: authorization ? authorization.split(' ')[0].toLowerCase() : body.client_secret ? 'form' : 'none',
    secrets: [
      ...secretsOf(body, answer),
      ...(authorization ? [{ name: 'authorization', value: authorization.split(' ')[1] }] : []),
    ],
  };
}

export const listening = (server) => new Promise((done, failed) => {
  server.once('error', failed).listen(0, '127.0.0.1', () => done(server.address().port));
});

// The API: answers whoever brings a token that `find` knows as good; returns its address.
export async function startApi(write, find) {
  const api = createServer(async (request, response) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const found = token && await find(token);
    const status = found ? 200 : 401;
    write({
      endpoint: 'api', status, path: request.url, secrets: token ? [{ name: 'access_token', value: token }] : [],
    });
    if (!found) response.setHeader('www-authenticate', `Bearer realm="api"${token ? ', error="invalid_token"' : ''}`);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found || { error: 'invalid_token' }));
  });
  return `http://127.0.0.1:${await listening(api)}`;
}

// Says where everything is, then takes settings until standard input ends, and the server with it.
export function serveCommands(ready, settings) {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    Object.assign(settings, JSON.parse(line).set);
    say({ settings });
  });
  lines.on('close', () => process.exit(0));
  say({ ...ready, node: process.version });
}
