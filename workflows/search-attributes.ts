import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  type SearchAttributeType,
} from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from './contract.ts';

type Name = keyof typeof SEARCH_ATTRIBUTES;
type ValueOf<N extends Name> = (typeof SEARCH_ATTRIBUTES)[N] extends 'DOUBLE' ? number : string;

/** Characters that every visibility store takes in a keyword. */
const KEYWORD_LIMIT = 250;

/** A typed pair for one of CalmOps' search attributes; a keyword that is too long for the server is cut. */
export function searchAttribute<N extends Name>(name: N, value: ValueOf<N>): SearchAttributePair {
  const type: SearchAttributeType = SEARCH_ATTRIBUTES[name];
  const fitting = typeof value === 'string' ? value.slice(0, KEYWORD_LIMIT) : value;
  return { key: defineSearchAttributeKey(name, type), value: fitting } as SearchAttributePair;
}
