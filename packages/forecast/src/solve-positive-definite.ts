/**
 * Solves A x = b for a symmetric positive definite A by Cholesky's decomposition. A direction without information gets
 * a zero.
 *
 * @param matrix row by row; only the lower triangle is read, and overwritten with the factor
 * @param vector overwritten with the solution
 */
export function solvePositiveDefinite(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length;
  for (let row = 0; row < n; row++) {
    const start = row * n;
    for (let column = 0; column < row; column++) {
      const other = column * n;
      let sum = matrix[start + column] ?? 0;
      for (let k = 0; k < column; k++) sum -= (matrix[start + k] ?? 0) * (matrix[other + k] ?? 0);
      matrix[start + column] = sum / (matrix[other + column] ?? 1);
    }
    let pivot = matrix[start + row] ?? 0;
    let value = vector[row] ?? 0;
    for (let k = 0; k < row; k++) {
      const factor = matrix[start + k] ?? 0;
      pivot -= factor * factor;
      value -= factor * (vector[k] ?? 0);
    }
    const root = pivot > 0 ? Math.sqrt(pivot) : Number.POSITIVE_INFINITY;
    matrix[start + row] = root;
    vector[row] = value / root;
  }
  substituteBack(matrix, vector);
  return vector;
}

function substituteBack(factor: Float64Array, vector: Float64Array): void {
  const n = vector.length;
  for (let row = n - 1; row >= 0; row--) {
    let value = vector[row] ?? 0;
    for (let k = row + 1; k < n; k++) value -= (factor[k * n + row] ?? 0) * (vector[k] ?? 0);
    vector[row] = value / (factor[row * n + row] ?? 1);
  }
}
