import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  type SearchAttributeType,
} from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from './contract.ts';

type Name = keyof typeof SEARCH_ATTRIBUTES;
type ValueOf<N extends Name> = (typeof SEARCH_ATTRIBUTES)[N] extends 'DOUBLE' ? number : string;

/** A typed pair for one of CalmOps' search attributes. */
export function searchAttribute<N extends Name>(name: N, value: ValueOf<N>): SearchAttributePair {
  const type: SearchAttributeType = SEARCH_ATTRIBUTES[name];
  return { key: defineSearchAttributeKey(name, type), value } as SearchAttributePair;
}
