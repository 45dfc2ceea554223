// A second authorization server that others wrote (oauth2-mock-server), of another kind: its access tokens are JWTs, it
// sends the browser back at once, announces no `iss` and no device flow, and takes any client. Started, told and ended
// as server.mjs is. Unless `isRotating`, a refresh brings no new refresh token and the old one stays good.
import { OAuth2Server } from 'oauth2-mock-server';

import { clientRequest, openRecord, secretsOf, serveCommands, startApi } from './common.mjs';

const write = openRecord(process.argv[2]);
const settings = { isRotating: false };
const server = new OAuth2Server();
await server.issuer.keys.generate('ES256');
await server.start(0, '127.0.0.1');

const given = new Set();
server.service.on('beforeAuthorizeRedirect', ({ url }) => {
  write({ endpoint: 'redirect', status: 302, secrets: secretsOf(Object.fromEntries(url.searchParams)) });
});
server.service.on('beforeResponse', (response, request) => {
  const { body } = request;
  if (body.grant_type === 'refresh_token') {
    if (!settings.isRotating) delete response.body.refresh_token;
    if (!given.has(body.refresh_token)) {
      Object.assign(response, { statusCode: 400, body: { error: 'invalid_grant' } });
    }
  }
  for (const { value } of secretsOf(response.body)) given.add(value);
  write(clientRequest('token', body, request.headers.authorization, response.statusCode, response.body));
});
// It does not read what it is asked to take back, and takes nothing back.
server.service.on('beforeRevoke', ({ statusCode }) => write(clientRequest('revocation', {}, undefined, statusCode)));

const api = await startApi(write, (token) => given.has(token) && { account: 'johndoe' });
serveCommands({ issuer: server.issuer.url, api, clients: { native: null } }, settings);
