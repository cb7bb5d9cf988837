/**
 * For Temporal's SDK, which loads it by path, into the workflows too: messages and stacks of failures become payloads,
 * so that the codec encrypts them like any other.
 */
const { DefaultFailureConverter } = require('@temporalio/common');

module.exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
