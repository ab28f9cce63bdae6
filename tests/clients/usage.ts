// A front end that uses the types: what is wrong here, `tsc --strict` must find.
import type { ResultOf, TypedDocumentNode } from '@graphql-typed-document-node/core';
import { OrderListDocument, type OrderListQuery } from './graphql';

declare function ask<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>, variables: Variables,
): Promise<Data>;

export async function numbers(search: string): Promise<readonly string[]> {
  const data: OrderListQuery = await ask(OrderListDocument, { search, first: 10 });
  return data.orders.nodes.map((order) => `${order.number ?? order.id}: ${order.total.amount}`);
}

export function next(data: ResultOf<typeof OrderListDocument>): string | null {
  const after: string | null | undefined = data.orders.pageInfo.endCursor;
  return after ?? null;
}

// @ts-expect-error The page size is a number.
export const wrong = ask(OrderListDocument, { first: 'ten' });
