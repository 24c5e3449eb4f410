/**
 * Solves A x = b for a symmetric positive definite A by Cholesky's decomposition. A direction without information gets
 * a zero.
 *
 * @param matrix row by row; only the lower triangle is read
 */
export function solvePositiveDefinite(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length;
  const factor = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column] ?? 0;
      for (let k = 0; k < column; k++) sum -= (factor[row * n + k] ?? 0) * (factor[column * n + k] ?? 0);
      if (row !== column) factor[row * n + column] = sum / (factor[column * n + column] ?? 1);
      else factor[row * n + row] = sum > 0 ? Math.sqrt(sum) : Number.POSITIVE_INFINITY;
    }
  }
  return substitute(factor, vector);
}

function substitute(factor: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length;
  const solution = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let sum = vector[row] ?? 0;
    for (let k = 0; k < row; k++) sum -= (factor[row * n + k] ?? 0) * (solution[k] ?? 0);
    solution[row] = sum / (factor[row * n + row] ?? 1);
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = solution[row] ?? 0;
    for (let k = row + 1; k < n; k++) sum -= (factor[k * n + row] ?? 0) * (solution[k] ?? 0);
    solution[row] = sum / (factor[row * n + row] ?? 1);
  }
  return solution;
}
