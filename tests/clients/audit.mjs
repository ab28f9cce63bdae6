// The audits of graphql-http: GraphQL over HTTP, by its specification. Prints the tally as JSON.
import { serverAudits } from 'graphql-http';

const [url, token] = process.argv.slice(2);
const fetchFn = (input, init = {}) =>
  fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
const results = await Promise.all(serverAudits({ url, fetchFn }).map((audit) => audit.fn()));
const missed = results.filter(({ status }) => status !== 'ok');
console.log(JSON.stringify({
  audits: results.length,
  missed: missed.map(({ id, name, status, reason }) => ({ id, name, status, reason })),
}));
