import { multiplyDecimals } from './multiply-decimals';

test.each([
  [['0.99', '1'], 2, '0.99'],
  [['0.1', '0.2'], 2, '0.02'],
  [['1.005', '1'], 2, '1.01'],
  [['-1.005', '1'], 2, '-1.01'],
  [['1.004', '1'], 2, '1.00'],
  [['-0.004', '1'], 2, '0.00'],
  [['3', '7'], 6, '21.000000'],
  [['2.5', '1'], 0, '3'],
  [['99999999999999.99', '3'], 2, '299999999999999.97'],
])('%j to %i digits is %s, exactly', (factors, scale, product) => {
  expect(multiplyDecimals(factors, scale)).toBe(product);
});
