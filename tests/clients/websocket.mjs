// A graphql-ws client's round trip: node websocket.mjs http://127.0.0.1:8080/graphql [TOKEN] [SUBSCRIPTION]
// A query must answer, an invalid operation must be refused by an error message, a wrong token must close with 4403;
// with a SUBSCRIPTION, its first event must arrive.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token, subscription] = process.argv.slice(2);
if (!url) {
  console.error('usage: node websocket.mjs URL [TOKEN] [SUBSCRIPTION]');
  process.exit(2);
}

const connect = (authorization) =>
  createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: authorization ? { authorization } : {},
  });

const first = (client, query) =>
  new Promise((resolve, reject) => {
    const stop = client.subscribe(
      { query },
      {
        next: (result) => {
          resolve(result);
          stop();
        },
        error: reject,
        complete: () => reject(new Error('completed without a result')),
      },
    );
  });

const expect = (what, ok, seen) => {
  console.log(`${ok ? 'ok' : 'FAILED'} ${what}`);
  if (!ok) {
    console.log(seen);
    process.exitCode = 1;
  }
};

const deadline = setTimeout(() => {
  console.log('FAILED no end within 20 s');
  process.exit(1);
}, 20_000);

const client = connect(token ? `Bearer ${token}` : undefined);
const answer = await first(client, '{ __typename }').catch((error) => error);
expect('a query answers', answer.data?.__typename !== undefined, answer);
const refused = await first(client, '{ thereIsNoSuchField }').catch((error) => error);
expect('an invalid operation is refused by an error message', Array.isArray(refused) && refused[0]?.extensions?.code !== undefined, refused);
if (subscription) {
  const event = await first(client, subscription).catch((error) => error);
  expect('the first event arrives', event.data !== undefined && !event.errors, event);
}
await client.dispose();

const stranger = connect('Bearer this-is-no-token');
const closed = await first(stranger, '{ __typename }').catch((error) => error);
expect('a wrong token closes with 4403', closed.code === 4403, closed);
await stranger.dispose();

clearTimeout(deadline);
