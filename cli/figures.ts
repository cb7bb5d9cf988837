/** Figures as the terminal shows them: in as many digits as tell something. */
const grouped = new Intl.NumberFormat('en-US');
export const count = (value: number): string => grouped.format(value);
export const number = (value: number): string => String(Number(value.toPrecision(3)));
export const share = (value: number): string => `${Number((100 * value).toFixed(1))} %`;
export const pValue = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(3));
