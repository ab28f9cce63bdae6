// What start.js takes from the global `Playground`.
import "@graphiql/react/dist/style.css";
import "graphiql/src/style.css";

export { createGraphiQLFetcher } from "@graphiql/toolkit";
export { GraphiQL } from "graphiql";
export { createClient } from "graphql-ws";
export { createElement } from "react";
export { createRoot } from "react-dom/client";
