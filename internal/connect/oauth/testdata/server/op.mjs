// An OAuth server with a person's login pages. It writes its issuer on a line, moves its clock by N seconds
// for each line N, answered with a line, and ends when its standard input does.
import http from 'node:http';
import readline from 'node:readline';
import Provider from 'oidc-provider';

let moved = 0;
const now = Date.now;
Date.now = () => now() + moved * 1000;

const http1 = http.createServer((req, res) => provider.callback()(req, res));
await new Promise((done) => http1.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${http1.address().port}`;

const device = 'urn:ietf:params:oauth:grant-type:device_code';
const provider = new Provider(issuer, {
  clients: [
    { client_id: 'native', application_type: 'native', token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'], grant_types: ['authorization_code', 'refresh_token', device] },
    { client_id: 'service', client_secret: 'fake-client-secret', token_endpoint_auth_method: 'client_secret_post',
      redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
  ],
  features: { deviceFlow: { enabled: true }, revocation: { enabled: true }, clientCredentials: { enabled: true }, devInteractions: { enabled: true } },
  pkce: { required: () => true },
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
  clockTolerance: 3600, // so that it still knows codes that expired
  cookies: { keys: ['fake-cookie-key'] },
  ttl: { AccessToken: 3600, ClientCredentials: 600, DeviceCode: 600, RefreshToken: 86400, Session: 86400, Interaction: 600, Grant: 86400, IdToken: 3600 },
});
console.log(issuer);
for await (const line of readline.createInterface({ input: process.stdin })) {
  moved += Number(line);
  console.log('moved');
}
process.exit();
