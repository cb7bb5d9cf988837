import { z } from 'zod';

/** The form in which pipelines write a duration: see `durationMs`. */
export const DURATION: RegExp = /^\d{1,15}(ms|s|m|h|d)$/;

export const duration = z
  .string()
  .regex(DURATION, "a whole number with its unit (ms, s, m, h, d), such as '2h'");

/** A part of a whole that is neither nothing nor all of it. */
export const share = z.number().gt(0).lt(1);
