// Monaco does its parsing in three workers; each is a file of ours beside the page, so `worker-src 'self'` is enough.
const files = { json: "json.worker.js", graphql: "graphql.worker.js" };

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    return new Worker(`/playground/assets/${files[label] ?? "editor.worker.js"}`);
  },
};
