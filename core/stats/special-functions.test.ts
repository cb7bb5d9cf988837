import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  betaRegularised,
  chiSquareSurvival,
  gammaUpperRegularised,
  logGamma,
  normalSurvival,
  studentTSurvival,
} from './special-functions.ts';

function assertClose(actual: number, expected: number, what: string, tolerance = 1e-12): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.abs(expected),
    `${what}: ${actual} is not ${expected} to ${tolerance}`,
  );
}

// mpmath 1.3, 60 digits: gammainc(df/2, x/2, inf, regularized=True)
const CHI_SQUARE: readonly (readonly [x: number, df: number, p: number])[] = [
  [0.001, 1, 0.9747728793699604],
  [1.5, 1, 0.2206713619198468],
  [1300.0, 1, 1.1303728441492743e-284],
  [0.002, 2, 0.999000499833375],
  [3.0, 2, 0.22313016014842982],
  [0.9, 3, 0.8254278090416608],
  [9.0, 3, 0.029290886534888233],
  [4.5, 5, 0.4798834381132994],
  [50.0, 5, 1.3857973367009593e-9],
  [7.0, 7, 0.42887985755305474],
  [350.0, 7, 1.2322461361567837e-71],
  [11.0, 10, 0.35751800242792553],
  [500.0, 10, 4.414736099913731e-101],
  [0.025, 25, 1.0],
  [37.5, 25, 0.05172212448368379],
  [1250.0, 25, 3.89401381817431e-248],
  [29.7, 99, 0.9999999999988292],
  [297.0, 99, 1.1689281747187686e-21],
  [990.0, 99, 6.597254963845681e-147],
  [1000.0, 1000, 0.49405285382923964],
  [3000.0, 1000, 1.6436845843569544e-198],
  [6000.0, 20000, 1.0],
];

// mpmath 1.3, 60 digits: betainc(df/2, 1/2, 0, df/(df + t²), regularized=True) / 2
const STUDENT_T: readonly (readonly [t: number, df: number, p: number])[] = [
  [0, 0.5, 0.5],
  [1.8, 0.5, 0.23388160358672558],
  [36, 0.5, 0.05344706996829491],
  [1.6, 1, 0.17780768448935275],
  [8, 1, 0.03958342416056554],
  [0.001, 2, 0.49964644669779507],
  [2, 2, 0.09175170953613698],
  [1000.0, 2, 4.9999925000125e-7],
  [1.7, 3.7, 0.08506231624642978],
  [10, 3.7, 0.0004119834209123212],
  [0.5, 10, 0.31394680287148646],
  [3, 10, 0.006671827511284789],
  [10000000000.0, 10, 1.23046875e-96],
  [1.74, 30.25, 0.0460127044402381],
  [20, 30.25, 2.70844123624147e-19],
  [10000000000.0, 30.25, 5.661482585851738e-282],
  [1, 99, 0.1598742370696507],
  [5, 99, 1.240698006520474e-6],
  [1000.0, 99, 2.4200861852941722e-200],
  [0.001, 1000, 0.49960115750922635],
  [2, 1000, 0.02288517324662582],
  [36, 1000, 5.4791006111826995e-183],
  [0, 45304.34869991214, 0.5],
  [1.8, 45304.34869991214, 0.03593364411840371],
  [36, 45304.34869991214, 3.7816381235247503e-280],
  [1.74, 2000000.0, 0.04092958588842899],
  [20, 2000000.0, 2.809524091533442e-89],
  [36, 2000000.0, 5.160966830221255e-284],
];

// mpmath 1.3, 60 digits: erfc(z/√2) / 2
const NORMAL: readonly (readonly [z: number, p: number])[] = [
  [0, 0.5],
  [0.01, 0.4960106436853684],
  [0.5, 0.3085375387259869],
  [1, 0.15865525393145705],
  [1.4, 0.08075665923377107],
  [2, 0.02275013194817921],
  [3, 0.0013498980316300946],
  [5, 2.866515718791939e-7],
  [8, 6.220960574271784e-16],
  [10, 7.619853024160525e-24],
  [20, 2.7536241186062337e-89],
  [30, 4.906713927148187e-198],
  [37, 5.725571222524577e-300],
];

test('χ² tails are accurate from 1 down to 1e-284', () => {
  for (const [x, df, p] of CHI_SQUARE) assertClose(chiSquareSurvival(x, df), p, `χ²(${df}) > ${x}`);
});

test('t tails are accurate for fractional and for huge degrees of freedom', () => {
  for (const [t, df, p] of STUDENT_T) assertClose(studentTSurvival(t, df), p, `t(${df}) > ${t}`);
});

test('normal tails are accurate down to 1e-300', () => {
  for (const [z, p] of NORMAL) assertClose(normalSurvival(z), p, `z > ${z}`);
});

test('ln Γ agrees with factorials and with Γ(½)', () => {
  assertClose(logGamma(0.5), Math.log(Math.PI) / 2, 'ln Γ(½)');
  assertClose(logGamma(11), Math.log(3_628_800), 'ln 10!');
  assertClose(logGamma(171), 706.5730622457874, 'ln 170!');
});

test('t with infinite degrees of freedom is normal, and infinite t has no tail', () => {
  assert.equal(studentTSurvival(1.96, Infinity), normalSurvival(1.96));
  assert.equal(studentTSurvival(Infinity, 3), 0);
  assert.equal(studentTSurvival(-Infinity, 3), 1);
});

test('both tails of t and of the normal distribution add to 1', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.double({ min: 0.1, max: 1e6, noNaN: true }),
      (t, df) => {
        assert.ok(Math.abs(studentTSurvival(t, df) + studentTSurvival(-t, df) - 1) < 1e-12);
        assert.ok(Math.abs(normalSurvival(t) + normalSurvival(-t) - 1) < 1e-12);
      },
    ),
    { seed: 1 },
  );
});

test('the incomplete beta function mirrors itself and stays a probability', () => {
  const parameter = fc.double({ min: 0.05, max: 500, noNaN: true });
  fc.assert(
    fc.property(parameter, parameter, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, x) => {
      const lower = betaRegularised(a, b, x, 1 - x);
      const upper = betaRegularised(b, a, 1 - x, x);
      assert.ok(lower >= 0 && lower <= 1);
      assert.ok(Math.abs(lower + upper - 1) < 1e-11, `${lower} + ${upper}`);
    }),
    { seed: 1 },
  );
});

test('what is outside of a function’s range is refused by name', () => {
  assert.throws(() => gammaUpperRegularised(0, 1), /gamma: a must be above 0, got 0/);
  assert.throws(() => chiSquareSurvival(-1, 2), /gamma: x must be at least 0, got -0.5/);
  assert.throws(() => betaRegularised(1, 1, 0.5, 0.6), /shares that add to 1, got 0.5 and 0.6/);
  assert.throws(() => betaRegularised(0, 1, 0.5, 0.5), /above 0, got 0 and 1/);
  assert.throws(() => studentTSurvival(1, 0), /degrees of freedom must be above 0, got 0/);
  assert.throws(() => studentTSurvival(NaN, 3), /not a number/);
  assert.throws(() => normalSurvival(NaN), RangeError);
  assert.throws(() => logGamma(0), /x must be above 0, got 0/);
});
