import { InvalidDatasetError } from './invalid-dataset.ts';

/**
 * The bytes that were announced are not there any more: the file was removed, renamed or written over before it was
 * read. That says nothing about those bytes: should they come again, they are to be read.
 */
export class DatasetGoneError extends InvalidDatasetError {
  override name = 'DatasetGoneError';
}
