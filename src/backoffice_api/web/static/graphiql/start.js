// Puts GraphiQL on the page once there is a token to ask with.
//
// The token lives in this tab's session storage and travels in the Authorization header, nowhere
// else. A link may bring it along as `#token=…`: browsers do not send that part to the server.
"use strict";

(() => {
  const STORAGE_KEY = "backoffice.token";
  // An HTTP header takes visible ASCII only (RFC 9110 section 5.5).
  const TOKEN = /^[\x21-\x7e]+$/;

  const { createElement, createRoot, createClient, createGraphiQLFetcher, GraphiQL } = Playground;
  const element = (id) => document.getElementById(id);
  const endpoint = location.pathname;

  let root = null;
  let subscriptions = null;

  const say = (text, isProblem = false) => {
    element("status").textContent = text;
    element("status").classList.toggle("is-problem", isProblem);
  };

  // A fetcher that carries the token, and says in the bar when the server refuses it.
  const fetcherFor = (token) => {
    const authorization = `Bearer ${token}`;
    const url = new URL(endpoint, location.origin);
    url.protocol = url.protocol.replace("http", "ws");
    subscriptions = createClient({
      url: url.href,
      connectionParams: { Authorization: authorization },
    });
    return createGraphiQLFetcher({
      url: endpoint,
      wsClient: subscriptions,
      fetch: async (address, options) => {
        const headers = { Authorization: authorization, ...options.headers };
        const response = await fetch(address, { ...options, headers });
        if (response.status === 401) say("The server does not accept this token.", true);
        return response;
      },
    });
  };

  const leave = () => {
    root?.unmount();
    root = null;
    subscriptions?.dispose();
    subscriptions = null;
  };

  const welcomeQuery = fetch("/static/graphiql/welcome.graphql")
    .then((response) => (response.ok ? response.text() : ""))
    .catch(() => "");

  const show = async () => {
    // Waited for first: what follows must not be interleaved with another call.
    const defaultQuery = await welcomeQuery;
    const token = sessionStorage.getItem(STORAGE_KEY);
    leave();
    say("");
    element("access").hidden = token !== null;
    element("forget").hidden = token === null;
    element("hint").hidden = token !== null;
    element("graphiql").hidden = token === null;
    if (token === null) {
      element("token").focus();
      return;
    }
    root = createRoot(element("graphiql"));
    root.render(createElement(GraphiQL, { fetcher: fetcherFor(token), defaultQuery }));
  };

  const connect = (text) => {
    const token = text.trim();
    if (!TOKEN.test(token)) {
      say("This is not a token: it has characters that no token has.", true);
      return;
    }
    sessionStorage.setItem(STORAGE_KEY, token);
    void show();
  };

  // Moves the token of a link out of the address, so that it is not bookmarked or passed on.
  const takeTokenFromAddress = () => {
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    if (token === null) return false;
    history.replaceState(null, "", location.pathname + location.search);
    connect(token);
    return true;
  };

  element("access").addEventListener("submit", (event) => {
    event.preventDefault();
    connect(element("token").value);
    element("token").value = "";
  });
  element("forget").addEventListener("click", () => {
    sessionStorage.removeItem(STORAGE_KEY);
    void show();
  });
  addEventListener("hashchange", takeTokenFromAddress);

  if (!takeTokenFromAddress()) void show();
})();
