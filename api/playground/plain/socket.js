// One subscription over one WebSocket in the `graphql-transport-ws` protocol; the socket closes with the iteration.

/**
 * An async iterator over the results. Written out and not as a generator, because `return()` must end an iteration
 * that is waiting for the next event, and a generator would first wait for that event.
 */
export function subscribe(path, authorization, request, onResult) {
  const address = new URL(path, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address, "graphql-transport-ws");
  const arrived = [];
  const waiting = [];
  let ended = false;
  let failure = null;

  const send = (message) => socket.send(JSON.stringify(message));

  const deliver = (result) => {
    const value = onResult(result);
    if (waiting.length > 0) waiting.shift().resolve({ value, done: false });
    else arrived.push(value);
  };

  const end = (error) => {
    if (ended) return;
    ended = true;
    if (waiting.length > 0) {
      const [first, ...others] = waiting.splice(0);
      if (error) first.reject(error);
      else first.resolve({ value: undefined, done: true });
      others.forEach((other) => other.resolve({ value: undefined, done: true }));
    } else {
      failure = error ?? null;
    }
    socket.close(1000);
  };

  socket.onopen = () => send({ type: "connection_init", payload: authorization ? { authorization } : {} });
  socket.onclose = ({ code, reason }) => end(code === 1000 ? undefined : new Error(`WebSocket ${code} ${reason}`));
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "connection_ack") send({ id: "1", type: "subscribe", payload: request });
    if (message.type === "ping") send({ type: "pong" });
    if (message.type === "next") deliver(message.payload);
    if (message.type === "error") {
      deliver({ errors: message.payload });
      end();
    }
    if (message.type === "complete") end();
  };

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (arrived.length > 0) return { value: arrived.shift(), done: false };
      if (failure) {
        const error = failure;
        failure = null;
        throw error;
      }
      if (ended) return { value: undefined, done: true };
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    async return() {
      if (!ended && socket.readyState === WebSocket.OPEN) send({ id: "1", type: "complete" });
      arrived.length = 0;
      end();
      return { value: undefined, done: true };
    },
  };
}
