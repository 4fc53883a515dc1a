// Runs every server audit of graphql-http against a URL: node audits.mjs http://127.0.0.1:8080/graphql
// Ends with 0 only if all of them pass.
import { serverAudits } from 'graphql-http';

const url = process.argv[2];
if (!url) {
  console.error('usage: node audits.mjs URL');
  process.exit(2);
}

const audits = serverAudits({ url });
let passed = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === 'ok') {
    passed += 1;
  } else {
    console.log(`${audit.id} ${result.status} ${audit.name}: ${result.reason}`);
  }
}
console.log(`${passed}/${audits.length} audits pass`);
process.exit(passed === audits.length && audits.length === 61 ? 0 : 1);
