// An authorization server that others wrote (oidc-provider) and an API that takes its tokens, on ports of 127.0.0.1.
//
//   node server.mjs RECORD [form]
//
// With `form` it announces that it takes a client's secret in the form only, not in a Basic header, and gives a refresh
// token to those only who ask for `offline_access`, which it hears with `prompt=consent` alone (OpenID Connect, 11).
// One line of JSON on standard output says where they are and who its clients are; the clients' secrets are made at
// each start. RECORD is a file that gets a line of JSON for each request that matters, with every secret in it.
// Settings come as lines of JSON on standard input, each answered with one; its end ends the server.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { clientRequest, listening, openRecord, secretsOf, serveCommands, startApi } from './common.mjs';
import { Provider } from 'oidc-provider';

const [record, only] = process.argv.slice(2);
const write = openRecord(record);

// What commands can change while it runs.
const settings = { accessTokenSecs: 3600, deviceCodeSecs: 600, tokenDelayMs: 0, isGatewayDown: false };

const random = () => randomBytes(24).toString('base64url');
// Every sign that a secret may have and that some encoding spells differently (RFC 6749, section 2.3.1).
const oddSecret = () => `${random()}+/%:&= "~${random()}`;
// The paths that programs on a desktop use for the redirect; the port is theirs to choose (RFC 8252, section 7.3).
const redirects = ['127.0.0.1', '[::1]'].flatMap((host) =>
  ['/', '/callback', '/oauth/callback'].map((path) => `http://${host}${path}`));
const common = { application_type: 'native', redirect_uris: redirects, response_types: ['code'] };
const signIn = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];
const clients = [
  { client_id: 'native', token_endpoint_auth_method: 'none', grant_types: signIn },
  {
    client_id: 'basic', client_secret: oddSecret(), token_endpoint_auth_method: 'client_secret_basic',
    grant_types: [...signIn, 'client_credentials'],
  },
  {
    client_id: 'post', client_secret: oddSecret(), token_endpoint_auth_method: 'client_secret_post',
    grant_types: [...signIn, 'client_credentials'],
  },
].map((client) => ({ ...common, ...client })).filter((client) => only !== 'form' || client.client_id !== 'basic');

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { ...privateKey.export({ format: 'jwk' }), kid: 'proof', use: 'sig', alg: 'ES256' };

const configuration = {
  clients,
  clientAuthMethods: ['none', 'client_secret_post', ...(only === 'form' ? [] : ['client_secret_basic'])],
  // A token that lapses is dead at once, not fifteen seconds later.
  clockTolerance: 0,
  cookies: { keys: [random()] },
  jwks: { keys: [key] },
  scopes: ['openid', 'offline_access', 'posts:read', 'posts:write'],
  pkce: { methods: ['S256'], required: () => true },
  rotateRefreshToken: true,
  // Whoever may refresh gets a refresh token.
  ...(only === 'form' ? {} : { issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token') }),
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
  },
  ttl: {
    AccessToken: () => settings.accessTokenSecs,
    ClientCredentials: () => settings.accessTokenSecs,
    DeviceCode: () => settings.deviceCodeSecs,
  },
};

const login = createServer();
const issuer = `http://127.0.0.1:${await listening(login)}`;
const provider = new Provider(issuer, configuration);

const ENDPOINTS = { '/token': 'token', '/token/revocation': 'revocation', '/device/auth': 'device' };

provider.use(async (ctx, next) => {
  // A second address with the same announcement: whoever asked there must notice that it names another issuer.
  if (/^\/elsewhere\/\.well-known\/|^\/\.well-known\/[a-z-]+\/elsewhere$/.test(ctx.path)) {
    ctx.path = '/.well-known/openid-configuration';
  }
  const endpoint = ENDPOINTS[ctx.path];
  if (endpoint === 'token' && settings.isGatewayDown) {
    // What a gateway says when the server behind it is away.
    Object.assign(ctx, { status: 502, type: 'html', body: '<html><h1>502 Bad Gateway</h1></html>' });
  } else {
    await next();
  }
  // Whatever was asked has been done by now: whoever leaves before the answer loses it.
  if (endpoint === 'token' && settings.tokenDelayMs) await pause(settings.tokenDelayMs);
  if (endpoint) write(clientRequest(endpoint, ctx.oidc?.body ?? {}, ctx.get('authorization'), ctx.status, ctx.body));
  const target = ctx.response.get('location');
  const answer = target && new URL(target, issuer);
  if (answer && answer.origin !== issuer) {
    const said = Object.fromEntries(answer.searchParams);
    write({ endpoint: 'redirect', status: ctx.status, error: said.error, secrets: secretsOf(said) });
  }
});
login.on('request', provider.callback());

const api = await startApi(write, async (token) => {
  const found = await provider.AccessToken.find(token) ?? await provider.ClientCredentials.find(token);
  return found && { client_id: found.clientId, account: found.accountId ?? null, scope: found.scope ?? null };
});
serveCommands({
  issuer, api, clients: Object.fromEntries(clients.map((client) => [client.client_id, client.client_secret ?? null])),
}, settings);
