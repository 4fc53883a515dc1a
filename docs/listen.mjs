const [server, token] = process.argv.slice(2);
const socket = new WebSocket(server.replace(/^http/, "ws") + "/graphql", "graphql-transport-ws");
const send = (frame) => socket.send(JSON.stringify(frame));
socket.onopen = () => send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
socket.onclose = ({ code, reason }) => console.log("closed", code, reason);
socket.onmessage = ({ data }) => {
  const frame = JSON.parse(data);
  if (frame.type === "connection_ack") {
    console.log("listening");
    send({ id: "1", type: "subscribe", payload: { query: "subscription { inboxChanged { kind reviews { state case { caseNumber } } } }" } });
  } else if (frame.type === "ping") {
    send({ type: "pong" });
  } else {
    console.log(JSON.stringify(frame));
  }
};
